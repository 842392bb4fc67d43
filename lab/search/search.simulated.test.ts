import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import { blockName, type Cell, cellName, type Experiment, type Trial } from '../../model/experiment.ts';
import type { InvalidReason, TrialResult } from '../../model/measurement.ts';
import { estimateRatios } from '../compare/ratios.ts';
import { findBottleneck } from '../explain/bottleneck.ts';
import { listWarnings } from '../explain/warnings.ts';
import { blockEstimates, findCapacity, measurePrecision } from './capacity.ts';
import { readCell } from './cell-state.ts';
import { bestSizes } from './contenders.ts';
import { expectedLength, nextBlock } from './next-block.ts';
import { MOST_BLOCKS } from './search-plan.ts';
import { seededRandom } from './seeded.ts';
import { experimentWith, trialAt, waitOn } from './testdata/cells.ts';
import { type CompletedTrial, nothingMeasured, type SimulatedService, search } from './testdata/simulated-service.ts';

const waiting: SimulatedService = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };
const idle: SimulatedService = { serviceTime: 0.021, cpuPerRequest: 0.0001, cpus: 1000 };
const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const all = ['sync', 'threads', 'async', 'hybrid'] as const;
// "Simulated answers": p99 ≤ 250 ms, service time 21 ms, least connections, Poisson arrivals, found by long simulation.
const truths = { sync: 85.7, threads: 371.5, async: 1901, hybrid: 1901 } as const;

/** A whole search of an experiment on one service. */
const run = (experiment: Experiment, service = waiting, change?: (result: CompletedTrial) => TrialResult) =>
  search(experiment, () => service, change);
const sumSeconds = (results: readonly TrialResult[]) => results.reduce((sum, { elapsed }) => sum + elapsed, 0);
const isWithin = (value: number, low: number, high: number) => assert.ok(value > low && value < high, `${value}`);
const readRate = ({ load }: Trial) => (load.model === 'open' ? load.arrivalRate : Number.NaN);
const late: InvalidReason = { kind: 'schedule-lag', p99: 0.03, limit: 0.025 };

/** The same result as invalid; `unseen`: without the requests in progress. */
function spoil(result: CompletedTrial, reason: InvalidReason, inProgress: 'seen' | 'unseen'): TrialResult {
  const measurement = { ...result.measurement, ...(inProgress === 'unseen' && { inProgress: [] }) };
  return { ...result, state: 'invalid', measurement, reason };
}

function bracketed(cell: Cell, results: readonly TrialResult[], experiment: Experiment) {
  const capacity = findCapacity(cell, results, experiment);
  assert.ok(capacity.state === 'bracketed', `${cellName(cell)}: ${JSON.stringify(capacity)}`);
  return capacity;
}

const computing: SimulatedService = { serviceTime: 0.0065, cpuPerRequest: 0.0065, cpus: 2, places: 1 };
const computes = {
  ...waitOn('hybrid'),
  workload: { name: 'cpu', requests: [{ weight: 1, route: 'cpu', parameters: { units: 100 } }] },
} as const;
const searched: [cell: Cell, truth: number, service: SimulatedService, low: number, high: number][] = [
  ...all.map(name => [waitOn(name), truths[name], waiting, 0.9, 1.15] satisfies (typeof searched)[number]),
  [computes, 2 / 0.0065, computing, 0.85, 1.1],
];
for (const [cell, truth, service, low, high] of searched) {
  test(`the search finds the capacity of ${cellName(cell)} within ${low} to ${high} of the truth, with any seed`, () => {
    for (const seed of seeds) {
      const experiment = experimentWith([cell], { seed, budget: 80 });
      const { estimate } = bracketed(cell, run(experiment, service), experiment);
      isWithin(estimate / truth, low, high);
    }
  });
}

test('the quick comparison stays inside its budget and brackets its cells', () => {
  for (const seed of seeds.slice(0, 4)) {
    const experiment = experimentWith(all.map(waitOn), { seed, budget: 190 });
    const results = run(experiment);
    assert.ok(sumSeconds(results) <= 190);
    for (const cell of experiment.cells) bracketed(cell, results, experiment);
    assert.equal(new Set(results.map(({ trial }) => trial.id)).size, results.length);
  }
});

test('a budget that is too small is kept, and the capacities say so', () => {
  const experiment = experimentWith(all.map(waitOn), { budget: 60 });
  const results = run(experiment);
  assert.ok(sumSeconds(results) <= 60);
  const capacities = experiment.cells.map(cell => findCapacity(cell, results, experiment));
  assert.ok(capacities.some(capacity => capacity.state === 'at-least' && capacity.limitedBy === 'budget'));
  assert.ok(capacities.some(({ state }) => state === 'unmeasured'));
});

test('trials that take longer than any before exceed the budget by one of them at most', () => {
  const experiment = experimentWith(all.map(waitOn), { budget: 100 });
  // Each capacity trial takes 15 s more than its phases: a whole block that was planned before would take 60.
  const results = run(experiment, waiting, result => ({
    ...result,
    elapsed: result.elapsed + (result.trial.purpose === 'light' ? 0 : 15),
  }));
  assert.ok(sumSeconds(results) <= 100 + 15 && sumSeconds(results.slice(0, -1)) < 100, `${sumSeconds(results)} s`);
});

test('the seed decides the order of the trials', () => {
  const order = (seed: number) =>
    nextBlock(experimentWith(all.map(waitOn), { seed }), []).map(({ cell }) => cellName(cell));
  assert.deepEqual(order(7), order(7));
  assert.ok(new Set([1, 2, 3, 4, 5, 6].map(seed => order(seed).join())).size > 1);
  assert.deepEqual(order(1).toSorted(), order(2).toSorted());
});

test('a search that was cut off anywhere goes on as if it had not been', () => {
  const experiment = experimentWith(all.map(waitOn));
  const whole = run(experiment);
  for (let kept = 0; kept < whole.length; kept++) {
    const block = nextBlock(experiment, whole.slice(0, kept));
    assert.deepEqual(
      block,
      whole.slice(kept, kept + block.length).map(({ trial }) => trial),
    );
  }
  assert.deepEqual(nextBlock(experiment, whole), []);
});

test('a first load is half of what the light look lets expect: of the slots, or of the CPUs', () => {
  const many = { ...waitOn('hybrid'), deployment: { ...waitOn('hybrid').deployment, databaseConnections: 800 } };
  // 800 connections of 21 ms would carry 38,000/s; 6 ms of CPU that fall with the load, on two CPUs, about 2,200/s.
  const serviceDemand = { nginx: 0.001, workers: 0.0001, postgres: 0.001, k6: 0.004 };
  for (const [cell, change, low, high] of [
    [waitOn('threads'), {}, 0.96 * 185.7, 1.04 * 185.7],
    [many, { serviceDemand }, 800, 1400],
  ] as const) {
    const results = search(
      experimentWith([cell], { budget: 20 }),
      () => waiting,
      result => ({ ...result, measurement: { ...result.measurement, ...change } }),
    );
    const [first] = nextBlock(experimentWith([cell]), results.slice(0, 1));
    assert.ok(first?.purpose === 'capacity');
    isWithin(readRate(first), low, high);
  }
});

/** A search of `threads` whose capacity trials above `from` are invalid. */
function searchSpoiled(reason: InvalidReason, from: number, inProgress: 'seen' | 'unseen' = 'seen', blocks = 1) {
  const cell = waitOn('threads');
  const experiment = { ...experimentWith([cell], { budget: 300 * blocks }), blocks };
  const results = run(experiment, waiting, result =>
    result.trial.purpose === 'capacity' && readRate(result.trial) > from ? spoil(result, reason, inProgress) : result,
  );
  const loads = results.filter(({ state }) => state === 'invalid').map(({ trial }) => readRate(trial));
  const capacity = findCapacity(cell, results, experiment);
  const bottleneck = findBottleneck(cell, results, capacity, experiment);
  return { loads, results, capacity, bottleneck, experiment };
}

const isAskedTwiceAtMost = (loads: readonly number[]) =>
  loads.every(load => loads.filter(other => Math.abs(other / load - 1) < 0.02).length <= 2);

test('a trial that the machine disturbed is repeated twice at the same load', () => {
  const { loads, capacity } = searchSpoiled({ kind: 'machine-disturbed', steal: 0, others: 0.5 }, 250);
  assert.deepEqual([loads.length, new Set(loads).size], [3, 1]);
  assert.ok(capacity.state === 'at-least' && capacity.limitedBy === 'machine');
});

test('after a load that the generator could not offer comes a lower one, and the limit is said to be the generator', () => {
  const { loads, results, capacity, bottleneck, experiment } = searchSpoiled(late, 250, 'unseen');
  assert.ok(loads.length >= 2 && isAskedTwiceAtMost(loads), `${loads}`);
  for (const [index, { state, trial }] of results.slice(0, -1).entries()) {
    if (state !== 'invalid') continue;
    const next = readRate(results[index + 1]?.trial ?? trial);
    const carried = results.slice(0, index).filter(before => before.state === 'completed');
    assert.ok(next < readRate(trial) && carried.every(before => readRate(before.trial) < next));
  }
  assert.ok(capacity.state === 'at-least' && capacity.limitedBy === 'generator', JSON.stringify(capacity));
  isWithin(capacity.low, 200, 250.001);
  assert.equal(bottleneck?.cause, 'generator');
  assert.ok(listWarnings(experiment, results).some(({ kind }) => kind === 'no-limit-found'));
});

test('with blocks, too, no load that the generator could not offer is asked for three times', () => {
  const { loads } = searchSpoiled(late, 250, 'unseen', 4);
  assert.ok(loads.length > 0 && isAskedTwiceAtMost(loads), `${loads}`);
});

test('an overload shows capacity and bottleneck although the generator was late', () => {
  const { loads, capacity, bottleneck } = searchSpoiled(late, 340);
  assert.ok(loads.length > 0 && capacity.state === 'bracketed');
  assert.ok(capacity.low < 371.5 && capacity.high > 371.5 && capacity.high / capacity.low < 1.5);
  assert.deepEqual([bottleneck?.resource, bottleneck?.cause], ['workers', 'used-up']);
});

// Changes of one early trial, after which the search still finds the truth.
const disturbances: [what: string, change: (result: CompletedTrial) => TrialResult][] = [
  ['the generator paused', result => (result.trial.block === 2 ? spoil(result, late, 'unseen') : result)],
  [
    'a load failed far below capacity',
    result =>
      result.trial.block === 1 ? { ...result, measurement: { ...result.measurement, stoppedEarly: true } } : result,
  ],
];
for (const [what, change] of disturbances) {
  test(`the search finds the capacity although ${what} once`, () => {
    const cell = waitOn('threads');
    const experiment = experimentWith([cell]);
    const { low, high } = bracketed(cell, run(experiment, waiting, change), experiment);
    assert.ok(low < 371.5 && high > 371.5, `${low} to ${high}`);
  });
}

test('a load above what is carried rises until one is too much, with any first guess', () => {
  // Most of the CPU time that a light look sees is gone under load, more than is expected.
  const cell = waitOn('hybrid');
  const experiment = experimentWith([cell]);
  const results = search(experiment, (_, { purpose }) => ({
    ...waiting,
    cpuPerRequest: purpose === 'light' ? 0.009 : 0.0009,
  }));
  isWithin(bracketed(cell, results, experiment).estimate / 1901, 0.85, 1.15);
});

test('a trial that fails is repeated twice, then its cell is unmeasured; the others are left alone', () => {
  const experiment = experimentWith([waitOn('sync'), waitOn('async')]);
  const error = { code: 'k6-failed', message: 'k6 ended before the load did' };
  const results = run(experiment, waiting, result =>
    result.trial.cell.deployment.topology === 'sync'
      ? { state: 'failed', trial: result.trial, elapsed: 1, error }
      : result,
  );
  assert.equal(results.filter(({ state }) => state === 'failed').length, 3);
  bracketed(waitOn('async'), results, experiment);
  const reason = error.message;
  assert.deepEqual(findCapacity(waitOn('sync'), results, experiment), { state: 'unmeasured', reason });
});

test('a service that completes nothing ends as none', () => {
  const cell = waitOn('sync');
  const experiment = experimentWith([cell], { budget: 1e6 });
  const measurement = { ...nothingMeasured(0.25), scored: 100, offeredLoad: 10, stoppedEarly: true };
  const results = run(experiment, waiting, result => ({ ...result, measurement }));
  assert.deepEqual(findCapacity(cell, results, experiment), { state: 'none' });
  assert.equal(results.length, 3);
});

test('the time that stopped trials take beside their phases is expected of the next one too', () => {
  const trial = trialAt(100, waitOn('sync'));
  // Stopped after 2 s of warm-up and 3 s of steady state, and drained for 4 s.
  const measurement = { ...nothingMeasured(0.25), stoppedEarly: true, scored: 300, offeredLoad: 100 };
  const { warmUp, steadyState } = trial.phases;
  const made = [{ state: 'completed', trial, elapsed: 9, measurement } as const];
  assert.equal(expectedLength(trial, made), warmUp + steadyState + 4);
});

// Blocks

function threads(workers: number): Cell {
  return { ...waitOn('threads'), deployment: deploymentOf('threads', 2, { threadsPerProcess: workers }) };
}

function inBlocks(cells: readonly Cell[], more: Partial<Experiment> = {}): Experiment {
  return { ...experimentWith(cells, { budget: 1e4 }), blocks: 4, ...more };
}

function listReadings(experiment: Experiment, results = run(experiment, idle)): string[] {
  return estimateRatios(results, experiment).map(({ of, to, reading }) => `${of} ÷ ${to}, ${reading}`);
}

const names = (cells: readonly Cell[]) => cells.map(({ deployment }) => deploymentName(deployment));

test('every block after the light looks has a load above and a load below capacity, and the interval holds the truth', () => {
  const experiment = inBlocks([waitOn('sync'), threads(40), waitOn('hybrid')]);
  const results = run(experiment, idle);
  for (const [index, truth] of [85.7, 1901, 1901].entries()) {
    const cell = experiment.cells[index] ?? waitOn('sync');
    const own = results.filter(({ trial }) => cellName(trial.cell) === cellName(cell)).map(({ trial }) => trial.block);
    assert.deepEqual(
      own.toSorted((a, b) => a - b),
      [0, 1, 1, 2, 2, 3, 3, 4, 4],
    );
    assert.equal(blockEstimates(cell, results, experiment).size, 4);
    const { low, high, interval } = bracketed(cell, results, experiment);
    assert.ok(interval === '95 %' && low <= truth && truth <= high && high / low < 1.3, `${low} to ${high}`);
  }
  // The simulated service has no memory, so that no two deployments have equal memory.
  assert.deepEqual(listReadings(experiment, results), []);
});

test('two of a kind are compared in the article’s sizes, and their ratio is what it is by construction', () => {
  const experiment = inBlocks([waitOn('async'), waitOn('hybrid')]);
  const results = run(experiment, idle);
  assert.deepEqual(listReadings(experiment, results), ["hybrid ÷ async, the article's sizes"]);
  const [ratio] = estimateRatios(results, experiment);
  assert.ok(ratio && ratio.low < 1 && ratio.high > 1 && ratio.high / ratio.low < 1.2, JSON.stringify(ratio));
  assert.deepEqual(listReadings({ ...experiment, blocks: 1, budget: 200 }), []);
});

test('of the sizes of a topology the best one within the limits and the article’s go on after the first block', () => {
  const experiment = inBlocks([4, 8, 16, 40].map(threads), { sizes: 'best', limits: { databaseConnections: 16 } });
  const results = run(experiment, idle);
  const measuredIn = (block: number) => {
    const own = results.filter(({ trial }) => trial.block === block);
    return [...new Set(own.map(({ trial }) => trial.cell.deployment.threadsPerProcess))].sort((a, b) => a - b);
  };
  assert.deepEqual(
    [measuredIn(1), measuredIn(2)],
    [
      [4, 8, 16, 40],
      [8, 16],
    ],
  );
  assert.deepEqual(names(bestSizes(results, experiment)), ['threads-1x16-16']);
});

test('the best size is looked for within each set of limits, and no ratio is of two that are limited differently', () => {
  const limited = (workers: number, cpus: number) => {
    const { deployment, workload } = threads(workers);
    return { workload, deployment: { ...deployment, containers: { nginx: { cpus } } } };
  };
  const cells = [limited(4, 0.2), limited(8, 0.2), limited(4, 0.4), limited(8, 0.4)];
  const experiment = inBlocks([...cells, waitOn('sync-threads')], { sizes: 'best' });
  const results = run(experiment, idle);
  assert.deepEqual(names(bestSizes(results, experiment)), [
    'threads-1x8-8-n200m',
    'threads-1x8-8-n400m',
    'sync-threads-2x8-16',
  ]);
  assert.deepEqual(listReadings(experiment, results), []);
  const alike = inBlocks([threads(4), threads(8), waitOn('sync-threads')], { sizes: 'best' });
  assert.deepEqual(
    listReadings(alike).map(text => text.split(', ')[1]),
    ["the article's sizes", 'best sizes'],
  );
});

test('a block that a disturbance has spoilt is made up for on all cells of its workload', () => {
  const cells = [waitOn('sync'), waitOn('hybrid')];
  const experiment = inBlocks(cells);
  const results = run(experiment, idle, result =>
    result.trial.block === 2 && result.trial.cell.deployment.topology === 'sync'
      ? spoil(result, { kind: 'machine-disturbed', steal: 0, others: 0.5 }, 'seen')
      : result,
  );
  const added = results.filter(({ trial }) => trial.block === 5).map(({ trial }) => cellName(trial.cell));
  assert.deepEqual(new Set(added), new Set(cells.map(cellName)));
  const [sync, hybrid] = cells.map(cell => [...blockEstimates(cell, results, experiment).keys()]);
  assert.ok(sync && hybrid && sync.filter(block => hybrid.includes(block)).length >= 4, `${sync} and ${hybrid}`);
});

// Precision

const asked = (precision: number) => inBlocks([waitOn('threads')], { budget: 1e5, precision });

/** A run on workers that are up to so much slower or faster in each block. */
function searchUneven(experiment: Experiment, noise: number): TrialResult[] {
  return search(experiment, (_, { block }) => ({
    ...idle,
    serviceTime: 0.021 * (1 + noise * (2 * seededRandom(5, block)() - 1)),
  }));
}

const precisionAt = (results: readonly TrialResult[], experiment: Experiment) =>
  measurePrecision(readCell(waitOn('threads'), results, experiment));
const lastBlock = (results: readonly TrialResult[]) => Math.max(...results.map(({ trial }) => trial.block));
const upTo = (results: readonly TrialResult[], block: number) => results.filter(({ trial }) => trial.block <= block);
const rough = searchUneven(asked(0.1), 0.2);

test('blocks that hardly differ are four, and so are those of a run without a precision', () => {
  const even = searchUneven(asked(0.02), 0);
  assert.equal(lastBlock(even), 4);
  assert.ok(precisionAt(even, asked(0.02)) <= 0.02);
  assert.equal(lastBlock(searchUneven(inBlocks([waitOn('threads')], { budget: 1e5 }), 0.2)), 4);
});

test('blocks are added until the capacity is known as well as asked, and no longer', () => {
  const last = lastBlock(rough);
  isWithin(last, 4, 30);
  assert.ok(precisionAt(rough, asked(0.1)) <= 0.1);
  assert.ok(precisionAt(upTo(rough, last - 1), asked(0.1)) > 0.1);
  assert.equal(precisionAt(upTo(rough, 3), asked(0.1)), Number.POSITIVE_INFINITY);
  for (const [index, { trial }] of rough.entries()) {
    assert.deepEqual(nextBlock(asked(0.1), rough.slice(0, index))[0], trial);
  }
});

test('after the hundredth block none is added', () => {
  const wide = upTo(rough, lastBlock(rough) - 1);
  /** The same, in which the last block has another number. */
  const numbered = (block: number) =>
    wide.map(result => {
      const { trial } = result;
      if (trial.block < lastBlock(wide)) return result;
      return { ...result, trial: { ...trial, block, id: `b${block}-p${trial.position}` } };
    });
  assert.equal(nextBlock(asked(0.1), numbered(MOST_BLOCKS - 1))[0]?.block, MOST_BLOCKS);
  assert.deepEqual(nextBlock(asked(0.1), numbered(MOST_BLOCKS)), []);
});

test('a warning says which precision was reached, after how many blocks', () => {
  const messageOf = (experiment: Experiment) =>
    listWarnings(experiment, rough).find(({ kind }) => kind === 'precision')?.message ?? '';
  assert.ok(messageOf(asked(0.1)).includes(`± 10 %`) && messageOf(asked(0.1)).includes(`${lastBlock(rough)}`));
  const reached = Math.round(precisionAt(rough, asked(0.1)) * 100);
  assert.ok(messageOf(asked(0.02)).includes(`wait on threads-1x8-8 ± ${reached} %`), messageOf(asked(0.02)));
  assert.equal(messageOf(inBlocks([waitOn('threads')])), '');
});

test('a block is called one of four only if their number is known', () => {
  assert.equal(blockName({ block: 3 }, asked(0.1)), 'block 3');
  assert.equal(blockName({ block: 3 }, inBlocks([])), 'block 3 of 4');
  assert.equal(blockName({ block: 0 }, asked(0.1)), 'a first look');
});
