import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName } from '../../model/deployment.ts';
import { cellName, claimIds, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { isFailureCertain } from '../search/early-stop.ts';
import { nextBlock } from '../search/next-block.ts';
import { experimentOf } from '../search/testdata/cells.ts';
import { measuredService } from '../simulation/service-model.ts';
import { simulateTrial, slownessOf } from '../simulation/simulate-trial.ts';
import { claimVerdicts } from './list.ts';
import { claimCells, claimTrials } from './schedule.ts';

const MINUTES = 60;
const MOST_PROCESSES = 32;

const bare: Experiment = { ...experimentOf([], { budget: 60 * MINUTES }), blocks: 4, claims: claimIds };
const article: Experiment = { ...bare, cells: claimCells(bare) };
const results = wholeRun(article);

test('a whole run, simulated, gives each claim a verdict', () => {
  const verdicts = claimVerdicts(article, results);
  assert.deepEqual(
    verdicts.map(({ id }) => id),
    claimIds,
  );
  const unmeasured = verdicts.filter(({ verdict }) => verdict === 'unmeasured');
  assert.deepEqual(
    unmeasured.map(({ id, sentence }) => `${id}: ${sentence}`),
    [],
  );
});

test('what the simulation is made of shows in its verdicts', () => {
  const verdictOf = new Map(claimVerdicts(article, results).map(({ id, verdict }) => [id, verdict]));
  for (const id of ['C1', 'C2', 'C7', 'C9', 'C10'] as const) assert.equal(verdictOf.get(id), 'supported', id);
  // Forty blocking workers keep the CPUs as busy as event loops with forty connections do.
  assert.notEqual(verdictOf.get('C4'), 'supported');
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

test('a whole run takes about forty minutes', () => {
  const seconds = results.reduce((sum, { elapsed }) => sum + elapsed, 0);
  assert.ok(seconds < 40 * MINUTES, `${Math.round(seconds)} s`);
});

test('no more processes are up together than a small machine can start', () => {
  const claims = results.filter(({ trial }) => trial.purpose === 'claim');
  for (const [block, trials] of Map.groupBy(claims, ({ trial }) => trial.block)) {
    const deployments = new Map(
      trials.map(({ trial }) => [deploymentName(trial.cell.deployment), trial.cell.deployment]),
    );
    const processes = [...deployments.values()].reduce((sum, one) => sum + one.processes, 0);
    assert.ok(processes <= MOST_PROCESSES, `${processes} in block ${block}`);
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
});

test('with a single block nothing is planned for claims', () => {
  assert.deepEqual(claimTrials({ ...bare, blocks: 1 }, []), []);
});

function wholeRun(experiment: Experiment, model = measuredService): TrialResult[] {
  const made: TrialResult[] = [];
  for (let trials = nextBlock(experiment, made); trials.length > 0; trials = nextBlock(experiment, made)) {
    for (const trial of trials) {
      const { cpus, objective } = experiment;
      const simulated = simulateTrial(trial, model, {
        ...{ cpus, objective: objective.responseTime, slowness: slownessOf(trial, experiment) },
        onProgress: progress => (isFailureCertain(progress, trial, objective) ? 'stop' : 'go-on'),
      });
      made.push({ state: 'completed', trial, ...simulated });
    }
  }
  return made;
}
