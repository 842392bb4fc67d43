import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import { type Cell, cellName, type Experiment } from '../../model/experiment.ts';
import { ratiosOf } from '../compare/ratios.ts';
import { bestSizes } from './best-sizes.ts';
import { blockEstimates } from './block-estimates.ts';
import { capacityOf } from './capacity.ts';
import { experimentOf, waitOn } from './testdata/cells.ts';
import { search } from './testdata/simulated-service.ts';

const waiting = { serviceTime: 0.021, cpuPerRequest: 0.0001, cpus: 1000 };

function threads(workers: number): Cell {
  return { ...waitOn('threads'), deployment: deploymentOf('threads', 2, { threadsPerProcess: workers }) };
}

function inBlocks(cells: readonly Cell[], more: Partial<Experiment> = {}): Experiment {
  return { ...experimentOf(cells, { budget: 1e4 }), blocks: 4, ...more };
}

const experiment = inBlocks([waitOn('sync'), threads(40), waitOn('hybrid')]);
const results = search(experiment, () => waiting);

test('every block after the light looks has a load above and a load below capacity for every cell', () => {
  const blocks = Map.groupBy(results, ({ trial }) => trial.block);
  assert.deepEqual([...blocks.keys()], [0, 1, 2, 3, 4]);
  for (const [block, own] of blocks) {
    const counts = experiment.cells.map(
      cell => own.filter(({ trial }) => cellName(trial.cell) === cellName(cell)).length,
    );
    assert.deepEqual(
      counts,
      experiment.cells.map(() => (block === 0 ? 1 : 2)),
    );
  }
});

for (const [index, truth] of [85.7, 1901, 1901].entries()) {
  test(`the interval between blocks holds what ${cellName(experiment.cells[index] ?? waitOn('sync'))} carries`, () => {
    const [cell] = experiment.cells.slice(index, index + 1);
    assert.ok(cell);
    assert.equal(blockEstimates(cell, results, experiment).size, 4);
    const capacity = capacityOf(cell, results, experiment);
    assert.ok(capacity.state === 'bracketed' && capacity.interval === '95 %');
    assert.ok(capacity.low <= truth && truth <= capacity.high, JSON.stringify(capacity));
    assert.ok(capacity.high / capacity.low < 1.3, JSON.stringify(capacity));
  });
}

test('a loop and a blocking worker are compared in all three readings, or not at all', () => {
  const readings = (own: Experiment) =>
    ratiosOf(
      search(own, () => waiting),
      own,
    ).map(({ of, to, reading }) => `${of} ÷ ${to}, ${reading}`);
  // The simulated service has no memory, so that none is like another's.
  assert.deepEqual(readings(experiment), []);
  assert.deepEqual(readings(inBlocks([waitOn('sync'), waitOn('hybrid')])), []);
});

test('two of a kind are compared in the article’s sizes, and their ratio is what it is by construction', () => {
  const own = inBlocks([waitOn('async'), waitOn('hybrid')]);
  const [ratio, ...others] = ratiosOf(
    search(own, () => waiting),
    own,
  );
  assert.deepEqual(
    [ratio?.of, ratio?.to, ratio?.reading, others.length],
    ['hybrid', 'async', "the article's sizes", 0],
  );
  assert.ok(ratio && ratio.low < 1 && ratio.high > 1 && ratio.high / ratio.low < 1.2, JSON.stringify(ratio));
});

test('with fewer than four blocks there are no ratios', () => {
  const own = inBlocks([waitOn('async'), waitOn('hybrid')], { blocks: 1, budget: 200 });
  assert.deepEqual(
    ratiosOf(
      search(own, () => waiting),
      own,
    ),
    [],
  );
});

test('of the sizes of a topology the best one within the limits and the article’s go on after the first block', () => {
  const sizes = [4, 8, 16, 40].map(threads);
  const own = inBlocks(sizes, { sizes: 'best', limits: { databaseConnections: 16 } });
  const ownResults = search(own, () => waiting);
  const measuredIn = (block: number) =>
    [
      ...new Set(
        ownResults
          .filter(({ trial }) => trial.block === block)
          .map(({ trial }) => trial.cell.deployment.threadsPerProcess),
      ),
    ].toSorted((a, b) => a - b);
  assert.deepEqual(measuredIn(1), [4, 8, 16, 40]);
  assert.deepEqual(measuredIn(2), [8, 16]);
  assert.deepEqual(
    bestSizes(ownResults, own).map(({ deployment }) => deploymentName(deployment)),
    ['threads-1x16-16'],
  );
});

test('the best size is looked for within each set of limits, and no ratio is of two that are limited differently', () => {
  const limited = (workers: number, cpus: number) => {
    const { deployment, workload } = threads(workers);
    return { workload, deployment: { ...deployment, containers: { nginx: { cpus } } } };
  };
  const cells = [limited(4, 0.2), limited(8, 0.2), limited(4, 0.4), limited(8, 0.4)];
  const own = inBlocks([...cells, waitOn('sync-threads')], { sizes: 'best' });
  const ownResults = search(own, () => waiting);
  assert.deepEqual(
    bestSizes(ownResults, own).map(({ deployment }) => deploymentName(deployment)),
    ['threads-1x8-8-n200m', 'threads-1x8-8-n400m', 'sync-threads-2x8-16'],
  );
  assert.deepEqual(ratiosOf(ownResults, own), []);
  const alike = inBlocks([threads(4), threads(8), waitOn('sync-threads')], { sizes: 'best' });
  assert.deepEqual(
    ratiosOf(
      search(alike, () => waiting),
      alike,
    ).map(({ reading }) => reading),
    ["the article's sizes", 'best sizes'],
  );
});

test('a block that a disturbance has spoilt is made up for on all cells of its workload', () => {
  const cells = [waitOn('sync'), waitOn('hybrid')];
  const own = inBlocks(cells);
  const spoilt = search(
    own,
    () => waiting,
    ({ trial }) => trial.block === 2 && trial.cell.deployment.topology === 'sync',
  );
  for (const cell of cells)
    assert.ok(spoilt.some(({ trial }) => trial.block === 5 && cellName(trial.cell) === cellName(cell)));
  const [sync, hybrid] = cells.map(cell => [...blockEstimates(cell, spoilt, own).keys()]);
  assert.ok(sync && hybrid && sync.filter(block => hybrid.includes(block)).length >= 4, `${sync} and ${hybrid}`);
});
