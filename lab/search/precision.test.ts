import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockName, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { warningsOf } from '../explain/warnings.ts';
import { nextBlock } from './next-block.ts';
import { arePrecise, MOST_BLOCKS, precisionOf } from './precision.ts';
import { seededRandom } from './seeded.ts';
import { experimentOf, waitOn } from './testdata/cells.ts';
import { simulate } from './testdata/simulated-service.ts';

const cell = waitOn('threads');
const asked = (precision: number): Experiment => ({ ...experimentOf([cell], { budget: 1e5 }), blocks: 4, precision });

/** A run on workers that are up to so much slower or faster in each block. */
function runOf(experiment: Experiment, noise: number): TrialResult[] {
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    const serviceTime = 0.021 * (1 + noise * (2 * seededRandom(5, trial.block)() - 1));
    results.push(simulate(trial, { serviceTime, cpuPerRequest: 0.0001, cpus: 1000 }, experiment));
  }
  return results;
}

const blocksOf = (results: readonly TrialResult[]) => Math.max(...results.map(({ trial }) => trial.block));
const rough = { experiment: asked(0.1), results: runOf(asked(0.1), 0.2) };

test('blocks that hardly differ are four', () => {
  const results = runOf(asked(0.02), 0);
  assert.equal(blocksOf(results), 4);
  assert.ok(precisionOf(cell, results, asked(0.02)) <= 0.02);
});

test('blocks are added until the capacity is known as well as was asked for, and no longer', () => {
  const { experiment, results } = rough;
  const last = blocksOf(results);
  assert.ok(last > 4 && last < 30, `${last} blocks`);
  assert.ok(precisionOf(cell, results, experiment) <= 0.1);
  const before = results.filter(({ trial }) => trial.block < last);
  assert.ok(precisionOf(cell, before, experiment) > 0.1);
});

test('without a precision there are as many blocks as the experiment names', () => {
  const { precision: _, ...plain } = asked(0.1);
  const results = runOf(plain, 0.2);
  assert.equal(blocksOf(results), 4);
  assert.ok(arePrecise([cell], results, plain));
});

test('fewer than four blocks show no precision', () => {
  const results = rough.results.filter(({ trial }) => trial.block <= 3);
  assert.equal(precisionOf(cell, results, rough.experiment), Number.POSITIVE_INFINITY);
});

test('from wherever a run is cut off the same trial comes next', () => {
  const { experiment, results } = rough;
  for (const [index, { trial }] of results.entries()) {
    assert.deepEqual(nextBlock(experiment, results.slice(0, index))[0], trial);
  }
});

test('after the hundredth block none is added, however wide the interval is', () => {
  const { experiment, results } = rough;
  const wide = results.filter(({ trial }) => trial.block < blocksOf(results));
  /** The same, in which the last block has another number. */
  const upTo = (block: number) =>
    wide.map(result =>
      result.trial.block < blocksOf(wide)
        ? result
        : { ...result, trial: { ...result.trial, block, id: `b${block}-p${result.trial.position}` } },
    );
  assert.equal(nextBlock(experiment, upTo(MOST_BLOCKS - 1))[0]?.block, MOST_BLOCKS);
  assert.deepEqual(nextBlock(experiment, upTo(MOST_BLOCKS)), []);
});

test('it is said what was reached, after how many blocks', () => {
  const { experiment, results } = rough;
  const said = (own: Experiment) => warningsOf(own, results).find(({ kind }) => kind === 'precision')?.message;
  const beside =
    ' The intervals are wider by what the model of the queue may be wrong by, which no number of blocks shows.';
  const blocks = blocksOf(results);
  assert.equal(
    said(experiment),
    `Blocks were added until the differences between them left every capacity within ± 10 % (95 %): ${blocks} of them.${beside}`,
  );
  const percents = Math.round(precisionOf(cell, results, experiment) * 100);
  assert.equal(
    said(asked(0.02)),
    `After ${blocks} blocks, of 100 at most, the differences between them do not leave every capacity within ± 2 % (95 %): wait on threads-1x8-8 ± ${percents} %.${beside}`,
  );
  const { precision: _, ...plain } = experiment;
  assert.equal(said(plain), undefined);
});

test('a block is not called one of four where nobody knows how many there will be', () => {
  assert.equal(blockName({ block: 3 }, asked(0.1)), 'block 3');
  assert.equal(blockName({ block: 0 }, asked(0.1)), 'a first look');
});
