import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experimentOf, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured, search, simulate } from '../search/testdata/simulated-service.ts';
import { compareResults } from './comparison.ts';

const waiting = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };
const surroundings = { runtime: 'simulated', environment: { node: 'v24' } };

test('a comparison has the figures of the load that is nearest to half of the capacity', () => {
  const experiment = experimentOf([waitOn('threads')]);
  const results = search(experiment, () => waiting);
  const [cell] = compareResults({ experiment, results, ...surroundings }).cells;
  assert.ok(cell?.capacity.state === 'bracketed' && cell.responseTime !== null);
  assert.ok(Math.abs(cell.responseTime.arrivalRate / cell.capacity.estimate - 0.5) < 0.05);
  // Half of the workers are idle: a request hardly waits.
  assert.ok(Math.abs(cell.responseTime.p50 - 0.021) < 0.0005);
  assert.deepEqual(cell.serviceDemand, { nginx: 0, workers: 0.0005, postgres: 0, k6: 0 });
  assert.equal(cell.bottleneck?.resource, 'workers');
  assert.deepEqual([cell.trials, cell.invalidTrials, cell.workers], [results.length, 0, 8]);
});

test('the same results give the same bytes', () => {
  const experiment = experimentOf([waitOn('sync'), waitOn('async')]);
  const compared = () =>
    JSON.stringify(compareResults({ experiment, results: search(experiment, () => waiting), ...surroundings }));
  assert.equal(compared(), compared());
});

test('a cell without results is unmeasured and has no figures', () => {
  const experiment = experimentOf([waitOn('sync')]);
  const [cell] = compareResults({ experiment, results: [], ...surroundings }).cells;
  assert.equal(cell?.capacity.state, 'unmeasured');
  assert.deepEqual([cell?.bottleneck, cell?.responseTime, cell?.memory, cell?.trials], [null, null, null, 0]);
});

test('a comparison of a run that was cut off says so first', () => {
  const experiment = experimentOf([waitOn('sync')]);
  const results = search(experiment, () => waiting);
  const kinds = (kept: number, ended?: boolean) =>
    compareResults({
      experiment,
      results: results.slice(0, kept),
      ...(ended !== undefined && { ended }),
      ...surroundings,
    }).warnings.map(({ kind }) => kind);
  assert.equal(kinds(1)[0], 'cut-off');
  // Another version's search might go on; this one came to its end.
  assert.ok(!kinds(1, true).includes('cut-off'));
  assert.ok(!kinds(results.length).includes('cut-off'));
});

test('what a reader must know becomes a warning: no ratios, invalid trials, a wide interval, a greedy generator, other programs, steal', () => {
  const cell = waitOn('sync');
  const experiment = experimentOf([cell]);
  const look = simulate({ ...trialAt(20, cell), purpose: 'light' }, waiting, experiment);
  const light = simulate(trialAt(50, cell), waiting, experiment);
  const heavy = simulate(trialAt(100, cell), waiting, experiment);
  assert.ok(light.state === 'completed' && heavy.state === 'completed');
  const cpuShare = { ...nothingMeasured(1).cpuShare, k6: 0.2 };
  const utilisation = { ...light.measurement.utilisation, cpu: 0.8 };
  const busy = { ...light, measurement: { ...light.measurement, cpuShare, utilisation, steal: 0.04 } };
  const reason = { kind: 'never-sent', arrivals: 1 } as const;
  const { warnings } = compareResults({
    experiment,
    results: [look, busy, heavy, { ...light, state: 'invalid', reason }],
    ...surroundings,
  });
  const kinds = warnings.map(({ kind }) => kind);
  assert.deepEqual(kinds, [
    'cut-off',
    'wide-interval',
    'invalid-trials',
    'generator-share',
    'other-programs',
    'steal',
    'no-ratios',
  ]);
});
