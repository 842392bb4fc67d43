import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName } from '../../model/deployment.ts';
import { cellName, claimIds, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { nextBlock } from '../search/next-block.ts';
import { experimentWith } from '../search/testdata/cells.ts';
import { isFailureCertain } from '../search/verdict.ts';
import { measuredService } from '../simulation/service-model.ts';
import { drawSlowness, simulateTrial } from '../simulation/simulate-trial.ts';
import { claimVerdicts } from './claims.ts';
import { claimCells, claimTrials } from './schedule.ts';

const MINUTES = 60;

const bare: Experiment = { ...experimentWith([], { budget: 60 * MINUTES }), blocks: 4, claims: claimIds };
const article: Experiment = { ...bare, cells: claimCells(bare) };
const results = wholeRun(article);

test('a whole run, simulated, gives each claim a verdict, and those of the queueing laws are supported', () => {
  const verdicts = new Map(claimVerdicts(article, results).map(({ id, verdict }) => [id, verdict]));
  assert.deepEqual([...verdicts.keys()], claimIds);
  assert.ok(![...verdicts.values()].includes('unmeasured'), [...verdicts].join());
  for (const id of ['C1', 'C2', 'C7', 'C9', 'C10'] as const) assert.equal(verdicts.get(id), 'supported', id);
  // Forty blocking workers keep the CPUs as busy as event loops with forty connections do.
  assert.notEqual(verdicts.get('C4'), 'supported');
});

/** What each CPU-bound request takes besides its own 5 ms, in seconds. */
const besides = (seconds: number) => ({
  request: { light: seconds, least: seconds, half: 1 },
  statement: { light: 0, least: 0, half: 1 },
});

for (const [verdict, when, blocking, noise] of [
  ['supported', 'blocking workers and loops take as much CPU', 0.0002, 0.001],
  ['refuted', 'blocking workers take half as much again', 0.003, 0.001],
  ['not shown', 'the machine is noisy', 0.0002, 0.1],
] as const) {
  test(`C3 is ${verdict} when ${when}`, () => {
    const experiment: Experiment = {
      ...bare,
      claims: ['C3'],
      cells: claimCells({ ...bare, claims: ['C3'] }),
      noise: { betweenTrials: noise, betweenBlocks: noise, source: 'assumed' },
    };
    const model = { ...measuredService, workers: { 'blocking-express': besides(blocking), fastify: besides(0.0002) } };
    const [judged] = claimVerdicts(experiment, wholeRun(experiment, model));
    assert.equal(judged?.verdict, verdict, judged?.sentence);
  });
}

test('a whole run takes about forty minutes, and starts no more processes at once than a small machine can', () => {
  const seconds = results.reduce((sum, { elapsed }) => sum + elapsed, 0);
  assert.ok(seconds < 40 * MINUTES, `${Math.round(seconds)} s`);
  const claims = results.filter(({ trial }) => trial.purpose === 'claim');
  for (const [block, trials] of Map.groupBy(claims, ({ trial }) => trial.block)) {
    const deployments = trials.map(({ trial }) => trial.cell.deployment);
    const each = new Map(deployments.map(deployment => [deploymentName(deployment), deployment.processes]));
    const processes = [...each.values()].reduce((sum, one) => sum + one, 0);
    assert.ok(processes <= 32, `${processes} in block ${block}`);
  }
});

test('all parts of a claim lie in the same blocks, in four or twice as many', () => {
  const claims = results.filter(({ trial }) => trial.claim && !trial.claim.part.includes('look'));
  for (const [id, trials] of Map.groupBy(claims, ({ trial }) => trial.claim?.id)) {
    const parts = Map.groupBy(trials, ({ trial }) => trial.claim?.part);
    const blocks = [...parts.values()].map(own => own.map(({ trial }) => trial.block).join());
    assert.equal(new Set(blocks).size, 1, id);
    assert.equal(blocks[0]?.split(',').length, ['C5', 'C6', 'C8', 'C11'].includes(id ?? '') ? 8 : 4, id);
  }
});

test('only cells that an experiment lacks are added, and only those of its claims', () => {
  const [first] = article.cells;
  assert.ok(first);
  const names = claimCells({ ...article, cells: [first] }).map(cellName);
  assert.equal(names.length, article.cells.length - 1);
  assert.ok(!names.includes(cellName(first)));
  assert.deepEqual(claimCells({ ...article, cells: [], claims: ['C1', 'C9'] }), []);
  assert.deepEqual(claimCells({ ...article, cells: [], claims: ['C12'] }).map(cellName), [
    'cpu on hybrid-2x1-40',
    'cpu on async-1x1-40',
  ]);
});

test('a claim that a disturbed block spoilt has another one, twice at most', () => {
  const experiment: Experiment = { ...bare, claims: ['C1'] };
  const spoil = (result: TrialResult): TrialResult =>
    result.state === 'completed'
      ? { ...result, state: 'invalid', reason: { kind: 'machine-disturbed', steal: 0.2, others: 0 } }
      : result;
  const own = results.filter(({ trial }) => trial.claim?.id === 'C1');
  assert.equal(claimTrials(experiment, own).length, 0);
  assert.equal(claimTrials(experiment, [...own.slice(1), ...own.slice(0, 1).map(spoil)]).length, 1);
  const more = own.map((result, index) => ({ ...result, trial: { ...result.trial, block: 100 + index } }));
  assert.equal(claimTrials(experiment, [...own, ...more.slice(0, 2)].map(spoil)).length, 0);
  assert.deepEqual(claimTrials({ ...experiment, blocks: 1 }, []), []);
});

function wholeRun(experiment: Experiment, model = measuredService): TrialResult[] {
  const made: TrialResult[] = [];
  for (let trials = nextBlock(experiment, made); trials.length > 0; trials = nextBlock(experiment, made)) {
    for (const trial of trials) {
      const { cpus, objective } = experiment;
      const simulated = simulateTrial(trial, model, {
        ...{ cpus, objective: objective.responseTime, slowness: drawSlowness(trial, experiment) },
        onProgress: progress => (isFailureCertain(progress, trial, objective) ? 'stop' : 'go-on'),
      });
      made.push({ state: 'completed', trial, ...simulated });
    }
  }
  return made;
}
