import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, Experiment } from '../../model/experiment.ts';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import { search } from '../search/testdata/simulated-service.ts';
import type { Results } from './comparison.ts';
import { compareRuns, type Difference } from './difference.ts';

/** A run on a service whose requests take so long. */
function run(serviceTime: number, changed: Partial<Experiment> = {}): Results {
  const experiment = { ...experimentWith([waitOn('sync'), waitOn('threads')]), ...changed };
  const results = search(experiment, () => ({ serviceTime, cpuPerRequest: 0.0005, cpus: 2 }));
  return { experiment, results, runtime: 'local', environment: { commit: 'a' } };
}

function compared(before: Results, after: Results, allow = 0.05): Extract<Difference, { state: 'compared' }> {
  const difference = compareRuns({ before, after }, allow);
  assert.ok(difference.state === 'compared', JSON.stringify(difference));
  return difference;
}

const [before, slower] = [run(0.021), run(0.0315)];
const changed = (experiment: Partial<Experiment>): Results => ({
  ...before,
  experiment: { ...before.experiment, ...experiment },
});

test('a run does not differ from itself', () => {
  const { cells, notes } = compared(before, before);
  assert.deepEqual(
    cells.map(({ ratio }) => ratio && [ratio.estimate, ratio.low < 1, ratio.high > 1]),
    [
      [1, true, true],
      [1, true, true],
    ],
  );
  assert.deepEqual(notes, []);
});

test('the ratio of one run to another is the inverse of that of the other to the one', () => {
  const [there] = compared(before, slower).cells;
  const [back] = compared(slower, before).cells;
  assert.ok(there?.ratio && back?.ratio);
  assert.ok(Math.abs(there.ratio.low * back.ratio.high - 1) < 1e-12);
  assert.ok(Math.abs(there.ratio.estimate * back.ratio.estimate - 1) < 1e-12);
});

const changes: [what: string, Results, Results, allow: number, change: string][] = [
  ['a service that takes half as long again', before, slower, 0.05, 'regression'],
  ['a service that takes two thirds as long', slower, before, 0.05, 'improvement'],
  ['a drop that is allowed', before, slower, 0.6, 'no regression'],
  ['an interval that holds the line', before, slower, 1 / 3, 'not shown'],
];
for (const [what, was, is, allow, change] of changes) {
  test(`${what} is: ${change}`, () => assert.equal(compared(was, is, allow).cells[1]?.change, change));
}

/** The cells of the run, each with these containers. */
const limitedTo = (cpus: number): Cell[] =>
  before.experiment.cells.map(({ workload, deployment }) => ({
    workload,
    deployment: { ...deployment, containers: { nginx: { cpus } } },
  }));
const asking = (route: 'wait' | 'cpu', parameters: Record<string, number>): Cell[] => [
  { ...waitOn('sync'), workload: { name: 'wait', requests: [{ weight: 1, route, parameters }] } },
];
const inUnits = (units: number, cpuSecondsPerUnit: number): Results => ({
  ...changed({ cells: asking('cpu', { units }) }),
  ...{ results: [], environment: { cpuSecondsPerUnit } },
});
const refused: [what: string, one: Results, other: Results, reason: RegExp][] = [
  ['a simulated run and a measured one', before, { ...before, runtime: 'simulated' }, /second run is simulated/],
  [
    'runs with different objectives',
    before,
    changed({ objective: { ...before.experiment.objective, quantile: 0.95 } }),
    /quantile is 0.99 .* 0.95/,
  ],
  ['different workloads of one name', before, changed({ cells: asking('wait', { ms: 30 }) }), /"ms":20.*"ms":30/],
  ['CPU work that takes longer', inUnits(74, 6.76e-5), inUnits(74, 1e-4), /5 ms.*7.4 ms/],
  ['runs without a common cell', before, changed({ cells: [waitOn('hybrid')] }), /sync.*hybrid/],
  [
    'the same deployments with other limits',
    changed({ cells: limitedTo(0.2) }),
    changed({ cells: limitedTo(0.4) }),
    /n200m.*n400m/,
  ],
];
for (const [what, one, other, reason] of refused) {
  test(`${what} are refused, with the reason`, () => {
    const difference = compareRuns({ before: one, after: other }, 0.05);
    assert.match(JSON.stringify(difference).replaceAll('\\"', '"'), reason);
    assert.equal(difference.state, 'refused');
    assert.equal(compareRuns({ before: one, after: one }, 0.05).state, 'compared');
  });
}

test('CPU work that takes as long on either machine is the same workload, in any units', () => {
  assert.deepEqual(compared(inUnits(74, 6.76e-5), inUnits(50, 1e-4)).cells.length, 1);
});

test('another commit, seed or machine, and cells that one run alone has, are noted', () => {
  const after = {
    ...changed({ seed: 8, cells: [waitOn('sync')] }),
    environment: { commit: 'b', postgres: { fsync: 'on' } },
  };
  assert.deepEqual(compared(before, after).notes, [
    'seed: 7 → 8',
    'commit: a → b',
    'postgres fsync: not recorded → on',
    'only in the first run: wait on threads-1x8-8',
  ]);
});
