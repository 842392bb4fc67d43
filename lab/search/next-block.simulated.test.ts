import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, cellName, type Trial } from '../../model/experiment.ts';
import type { InvalidReason, TrialResult } from '../../model/measurement.ts';
import { bottleneckOf } from '../explain/bottleneck.ts';
import { warningsOf } from '../explain/warnings.ts';
import { capacityOf } from './capacity.ts';
import { expectedLength, nextBlock } from './next-block.ts';
import { experimentOf, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured, type SimulatedService, search, simulate } from './testdata/simulated-service.ts';

const waiting: SimulatedService = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };
const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const all = ['sync', 'threads', 'async', 'hybrid'] as const;

const elapsed = (results: readonly TrialResult[]): number => results.reduce((sum, result) => sum + result.elapsed, 0);

/** A capacity as a multiple of the true one, one for each seed. */
function found(cell: Cell, truth: number, service: SimulatedService): number[] {
  return seeds.map(seed => {
    const experiment = experimentOf([cell], { seed, budget: 80 });
    const capacity = capacityOf(
      cell,
      search(experiment, () => service),
      experiment,
    );
    assert.equal(capacity.state, 'bracketed', `seed ${seed}`);
    return capacity.state === 'bracketed' ? capacity.estimate / truth : Number.NaN;
  });
}

// "Simulated answers": p99 ≤ 250 ms, service time 21 ms, least connections, Poisson arrivals, found by long simulation.
for (const [topology, truth] of [
  ['sync', 85.7],
  ['threads', 371.5],
  ['async', 1901],
  ['hybrid', 1901],
] as const) {
  test(`the search finds what ${topology} carries, within 0.9 to 1.15 of the truth, whatever the seed`, () => {
    for (const ratio of found(waitOn(topology), truth, waiting)) assert.ok(ratio > 0.9 && ratio < 1.15, `${ratio}`);
  });
}

test('the search finds a capacity that the CPUs limit', () => {
  // 6.5 ms of CPU on two CPUs: two places in all.
  const computing = { serviceTime: 0.0065, cpuPerRequest: 0.0065, cpus: 2, places: 1 };
  const cell: Cell = {
    ...waitOn('hybrid'),
    workload: { name: 'cpu', requests: [{ weight: 1, route: 'cpu', parameters: { units: 100 } }] },
  };
  for (const ratio of found(cell, 2 / 0.0065, computing)) assert.ok(ratio > 0.85 && ratio < 1.1, `${ratio}`);
});

test('the quick comparison stays inside its budget and brackets its cells', () => {
  for (const seed of seeds.slice(0, 4)) {
    const experiment = experimentOf(all.map(waitOn), { seed, budget: 190 });
    const results = search(experiment, () => waiting);
    assert.ok(elapsed(results) <= 190, `${elapsed(results)} s`);
    for (const cell of experiment.cells) {
      assert.equal(capacityOf(cell, results, experiment).state, 'bracketed', cellName(cell));
    }
  }
});

test('a budget that is too small is kept, and says so in the capacities', () => {
  const experiment = experimentOf(all.map(waitOn), { budget: 60 });
  const results = search(experiment, () => waiting);
  assert.ok(elapsed(results) <= 60, `${elapsed(results)} s`);
  const states = experiment.cells.map(cell => capacityOf(cell, results, experiment));
  assert.ok(states.some(state => state.state === 'at-least' && state.limitedBy === 'budget'));
  assert.ok(states.some(({ state }) => state === 'unmeasured'));
});

test('the same seed gives the same trials in the same order, another seed another order', () => {
  const order = (seed: number) =>
    nextBlock(experimentOf(all.map(waitOn), { seed }), []).map(({ cell }) => cellName(cell));
  assert.deepEqual(order(7), order(7));
  assert.equal(new Set([1, 2, 3, 4, 5, 6].map(seed => order(seed).join())).size > 1, true);
  assert.deepEqual(order(1).toSorted(), order(2).toSorted());
});

test('every trial of a search has an id of its own', () => {
  const results = search(experimentOf(all.map(waitOn)), () => waiting);
  assert.equal(new Set(results.map(({ trial }) => trial.id)).size, results.length);
});

test('a search that was cut off anywhere goes on as if it had not been', () => {
  const experiment = experimentOf(all.map(waitOn));
  const whole = search(experiment, () => waiting);
  for (let kept = 0; kept < whole.length; kept++) {
    const block = nextBlock(experiment, whole.slice(0, kept));
    assert.deepEqual(
      block,
      whole.slice(kept, kept + block.length).map(({ trial }) => trial),
      `after ${kept}`,
    );
  }
  assert.deepEqual(nextBlock(experiment, whole), []);
});

test('the steady state is 10 s, 20 times the objective or 1,000 arrivals, whichever is longest', () => {
  const steady = (rate: number) => trialAt(rate, waitOn('sync')).phases.steadyState;
  assert.equal(steady(1000), 10);
  assert.equal(steady(40), 25);
});

test('a first trial offers half of the capacity that the light trial lets expect', () => {
  const experiment = experimentOf([waitOn('threads')]);
  const light = nextBlock(experiment, []).map(trial => simulate(trial, waiting, experiment));
  const [first] = nextBlock(experiment, light);
  assert.equal(first?.purpose, 'capacity');
  // What 8 workers of 21 ms carry, 371.5, ÷ 2, but for a request or two that waited.
  if (first?.load.model === 'open')
    assert.ok(Math.abs(first.load.arrivalRate / 185.7 - 1) < 0.04, `${first.load.arrivalRate}`);
});

/** A search whose capacity trials above `from` are invalid, and show who was in progress or do not. */
function searchSpoiled(cell: Cell, reason: InvalidReason, from: number, inProgress: 'seen' | 'unseen' = 'seen') {
  const experiment = experimentOf([cell], { budget: 300 });
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const result = simulate(trial, waiting, experiment);
    const isSpoiled = trial.purpose === 'capacity' && loadOf(trial) > from;
    if (!isSpoiled || result.state !== 'completed') results.push(result);
    else {
      const measurement = { ...result.measurement, ...(inProgress === 'unseen' && { inProgress: [] }) };
      results.push({ ...result, state: 'invalid', measurement, reason });
    }
  }
  const loads = results.filter(({ state }) => state === 'invalid').map(({ trial }) => loadOf(trial));
  return { loads, results, capacity: capacityOf(cell, results, experiment) };
}

function loadOf({ load }: Trial): number {
  return load.model === 'open' ? load.arrivalRate : Number.NaN;
}

const late = { kind: 'schedule-lag', p99: 0.03, limit: 0.025 } as const;

test('a trial that the machine disturbed is repeated twice at the same load, then its cell ends with what it carries at least', () => {
  const { loads, capacity } = searchSpoiled(
    waitOn('threads'),
    { kind: 'machine-disturbed', steal: 0, others: 0.5 },
    250,
  );
  assert.equal(loads.length, 3);
  assert.equal(new Set(loads).size, 1);
  assert.ok(capacity.state === 'at-least' && capacity.limitedBy === 'machine');
});

test('after a load that the generator could not offer comes a lower one that it may, and none is asked for three times', () => {
  const { loads, results, capacity } = searchSpoiled(waitOn('threads'), late, 250, 'unseen');
  assert.ok(loads.length >= 2, `${loads}`);
  for (const load of loads) assert.ok(loads.filter(other => Math.abs(other / load - 1) < 0.02).length <= 2, `${loads}`);
  const asked = results.map(({ trial, state }) => ({ load: loadOf(trial), state }));
  for (const [index, { load, state }] of asked.entries()) {
    const next = asked[index + 1];
    const carried = asked.slice(0, index).filter(before => before.state === 'completed');
    if (state !== 'invalid' || next === undefined) continue;
    assert.ok(next.load < load && carried.every(before => before.load < next.load), `${next.load} after ${load}`);
  }
  assert.ok(capacity.state === 'at-least' && capacity.limitedBy === 'generator', JSON.stringify(capacity));
  assert.ok(capacity.low > 200 && capacity.low <= 250, JSON.stringify(capacity));
});

test('a capacity that the generator kept from being found says so under the table', () => {
  const { results, capacity } = searchSpoiled(waitOn('threads'), late, 250, 'unseen');
  const experiment = experimentOf([waitOn('threads')], { budget: 300 });
  const warning = warningsOf(experiment, results).find(({ kind }) => kind === 'no-limit-found');
  assert.ok(capacity.state === 'at-least' && warning?.message.includes('--generator elsewhere'), warning?.message);
  const bottleneck = bottleneckOf(waitOn('threads'), results, capacity, experiment);
  assert.equal(bottleneck?.cause, 'generator');
});

test('what stopped a deployment is named by an overload though the generator was late for it', () => {
  const { results, capacity } = searchSpoiled(waitOn('threads'), late, 340);
  const experiment = experimentOf([waitOn('threads')], { budget: 300 });
  const bottleneck = bottleneckOf(waitOn('threads'), results, capacity, experiment);
  assert.deepEqual([bottleneck?.resource, bottleneck?.cause], ['workers', 'used-up']);
});

test('with blocks no load that the generator could not offer, and that showed nothing, is asked for three times', () => {
  const experiment = { ...experimentOf([waitOn('threads')], { budget: 600 }), blocks: 4 };
  const results: TrialResult[] = [];
  const spoiled: number[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const result = simulate(trial, waiting, experiment);
    const isSpoiled = trial.purpose === 'capacity' && loadOf(trial) > 250 && result.state === 'completed';
    if (isSpoiled) spoiled.push(loadOf(trial));
    const measurement = result.state === 'completed' && { ...result.measurement, inProgress: [] };
    results.push(isSpoiled && measurement ? { ...result, state: 'invalid', reason: late, measurement } : result);
  }
  assert.ok(spoiled.length > 0);
  for (const load of spoiled) {
    assert.ok(spoiled.filter(other => Math.abs(other / load - 1) < 0.02).length <= 2, `${spoiled}`);
  }
});

test('what an overloaded deployment completes shows its capacity though the generator was late', () => {
  const { loads, capacity } = searchSpoiled(waitOn('threads'), late, 340);
  assert.ok(loads.length > 0);
  assert.ok(capacity.state === 'bracketed' && capacity.low < 371.5 && capacity.high > 371.5, JSON.stringify(capacity));
  assert.ok(capacity.high / capacity.low < 1.5, JSON.stringify(capacity));
});

test('a load that a pause of the generator spoiled is asked for again once one near it was offered', () => {
  const experiment = experimentOf([waitOn('threads')], { budget: 300 });
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const result = simulate(trial, waiting, experiment);
    // Its second trial, which is early and shows nothing: requests in progress ran out.
    const isPaused = trial.block === 2 && result.state === 'completed';
    results.push(
      isPaused
        ? { ...result, state: 'invalid', reason: late, measurement: { ...result.measurement, inProgress: [] } }
        : result,
    );
  }
  const capacity = capacityOf(waitOn('threads'), results, experiment);
  assert.ok(capacity.state === 'bracketed' && capacity.low < 371.5 && capacity.high > 371.5, JSON.stringify(capacity));
});

test('a load above what is carried rises until one is too much, however much too low the first guess was', () => {
  // Most of the CPU time that a light look sees is gone under load, more than is expected.
  const experiment = experimentOf([waitOn('hybrid')], { budget: 300 });
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const cpuPerRequest = trial.purpose === 'light' ? 0.009 : 0.0009;
    results.push(simulate(trial, { ...waiting, cpuPerRequest }, experiment));
  }
  const capacity = capacityOf(waitOn('hybrid'), results, experiment);
  assert.ok(capacity.state === 'bracketed', JSON.stringify(capacity));
  assert.ok(Math.abs(capacity.estimate / 1901 - 1) < 0.15, JSON.stringify(capacity));
});

test('a first guess knows the CPUs, however many connections there are', () => {
  const cell = { ...waitOn('hybrid'), deployment: { ...waitOn('hybrid').deployment, databaseConnections: 800 } };
  const experiment = experimentOf([cell]);
  // Nearly all of it beside the loops': k6, nginx and Postgres have theirs too.
  const serviceDemand = { nginx: 0.001, workers: 0.0001, postgres: 0.001, k6: 0.004 };
  const light = nextBlock(experiment, []).map(trial => {
    const result = simulate(trial, { ...waiting, cpuPerRequest: 0.0001 }, experiment);
    return result.state === 'completed' ? { ...result, measurement: { ...result.measurement, serviceDemand } } : result;
  });
  const [first] = nextBlock(experiment, light);
  // 800 connections of 21 ms would carry 38,000/s; 6 ms that falls with the load, on two CPUs, about 2,200/s.
  assert.ok(first && loadOf(first) > 800 && loadOf(first) < 1400, JSON.stringify(first?.load));
});

test('a load that fails far below what was expected is tried again, and found out as a disturbance', () => {
  const experiment = experimentOf([waitOn('threads')]);
  const results: TrialResult[] = [];
  for (let block = nextBlock(experiment, results); block.length > 0; block = nextBlock(experiment, results)) {
    for (const trial of block) {
      const result = simulate(trial, waiting, experiment);
      const disturbed = trial.block === 1 && result.state === 'completed';
      results.push(disturbed ? { ...result, measurement: { ...result.measurement, stoppedEarly: true } } : result);
    }
  }
  const capacity = capacityOf(waitOn('threads'), results, experiment);
  assert.ok(capacity.state === 'bracketed' && capacity.low < 371.5 && capacity.high > 371.5, JSON.stringify(capacity));
});

test('a trial that fails is repeated twice, then its cell is unmeasured; the others are left alone', () => {
  const experiment = experimentOf([waitOn('sync'), waitOn('async')]);
  const error = { code: 'k6-failed', message: 'k6 ended before the load did' };
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const fails = trial.cell.deployment.topology === 'sync';
    results.push(fails ? { state: 'failed', trial, elapsed: 1, error } : simulate(trial, waiting, experiment));
  }
  assert.equal(results.filter(({ state }) => state === 'failed').length, 3);
  assert.equal(capacityOf(waitOn('async'), results, experiment).state, 'bracketed');
  assert.deepEqual(capacityOf(waitOn('sync'), results, experiment), {
    state: 'unmeasured',
    reason: 'k6 ended before the load did',
  });
});

test('trials that take longer than any before do not take the budget past its end by more than one of them', () => {
  const experiment = experimentOf(all.map(waitOn), { budget: 100 });
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const result = simulate(trial, waiting, experiment);
    // Each capacity trial takes 15 s more than its phases: a whole block that was planned before would take 60.
    results.push({ ...result, elapsed: result.elapsed + (trial.purpose === 'light' ? 0 : 15) });
  }
  assert.ok(elapsed(results) <= 100 + 15, `${elapsed(results)} s`);
  const [last] = results.slice(-1);
  assert.ok(last && elapsed(results) - last.elapsed < 100);
});

test('the time that stopped trials take beside their phases is expected of the next one too', () => {
  const trial = trialAt(100, waitOn('sync'));
  // Stopped after 2 s of warm-up and 3 s of steady state, and drained for 4 s.
  const measurement = { ...nothingMeasured(0.25), stoppedEarly: true, scored: 300, offeredLoad: 100 };
  const { warmUp, steadyState } = trial.phases;
  assert.equal(
    expectedLength(trial, [{ state: 'completed', trial, elapsed: 9, measurement }]),
    warmUp + steadyState + 4,
  );
});

test('a service that completes nothing ends as none, without a search that goes on forever', () => {
  const cell = waitOn('sync');
  const experiment = experimentOf([cell], { budget: 1e6 });
  const results: TrialResult[] = [];
  for (let block = nextBlock(experiment, results); block.length > 0; block = nextBlock(experiment, results)) {
    const measurement = { ...nothingMeasured(0.25), scored: 100, offeredLoad: 10, stoppedEarly: true };
    results.push(...block.map((trial): TrialResult => ({ state: 'completed', trial, elapsed: 5, measurement })));
  }
  assert.deepEqual(capacityOf(cell, results, experiment), { state: 'none' });
  assert.equal(results.length, 3);
});
