import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Experiment } from '../../model/experiment.ts';
import { experimentOf, waitOn } from '../search/testdata/cells.ts';
import { search } from '../search/testdata/simulated-service.ts';
import type { Results } from './comparison.ts';
import { type Difference, differenceOf } from './difference.ts';

const cpus = { cpuPerRequest: 0.0005, cpus: 2 };

/** A run of these cells, on a service whose requests take so long. */
function run(serviceTime: number, changed: Partial<Experiment> = {}, given: Partial<Results> = {}): Results {
  const experiment = { ...experimentOf([waitOn('sync'), waitOn('threads')]), ...changed };
  const results = search(experiment, () => ({ serviceTime, ...cpus }));
  return { experiment, results, runtime: 'local', environment: { commit: 'a' }, ...given };
}

function compared(before: Results, after: Results, allow = 0.05): Extract<Difference, { state: 'compared' }> {
  const difference = differenceOf({ before, after }, allow);
  assert.ok(difference.state === 'compared', JSON.stringify(difference));
  return difference;
}

const before = run(0.021);

test('a run does not differ from itself', () => {
  const { cells, notes } = compared(before, before);
  assert.equal(cells.length, 2);
  for (const { ratio } of cells) {
    assert.equal(ratio?.estimate, 1);
    assert.ok(ratio.low < 1 && ratio.high > 1);
  }
  assert.deepEqual(notes, []);
});

test('the ratio of one run to another is the inverse of that of the other to the one', () => {
  const after = run(0.023);
  const [there] = compared(before, after).cells;
  const [back] = compared(after, before).cells;
  assert.ok(there?.ratio && back?.ratio);
  assert.ok(Math.abs(there.ratio.low * back.ratio.high - 1) < 1e-12);
  assert.ok(Math.abs(there.ratio.estimate * back.ratio.estimate - 1) < 1e-12);
});

test('a service that takes half as long again is a regression, and the other way round an improvement', () => {
  const after = run(0.0315);
  assert.deepEqual(
    compared(before, after).cells.map(({ change }) => change),
    ['regression', 'regression'],
  );
  assert.deepEqual(
    compared(after, before).cells.map(({ change }) => change),
    ['improvement', 'improvement'],
  );
});

test('what is allowed is no regression, and an interval that holds the line shows nothing', () => {
  const after = run(0.0315);
  assert.equal(compared(before, after, 0.6).cells[1]?.change, 'no regression');
  assert.equal(compared(before, after, 1 / 3).cells[1]?.change, 'not shown');
});

const refusals: [what: string, other: Results, reason: RegExp][] = [
  ['a simulated run beside a measured one', { ...before, runtime: 'simulated' }, /second run is simulated/],
  [
    'another objective',
    { ...before, experiment: { ...before.experiment, objective: { ...before.experiment.objective, quantile: 0.95 } } },
    /quantile is 0.99 in the first run and 0.95 in the second/,
  ],
  [
    'another workload of the same name',
    {
      ...before,
      experiment: {
        ...before.experiment,
        cells: before.experiment.cells.map(cell => ({
          ...cell,
          workload: { name: 'wait', requests: [{ weight: 1, route: 'wait' as const, parameters: { ms: 30 } }] },
        })),
      },
    },
    /workload wait asks for 1 × wait \{"ms":20\} in the first run and for 1 × wait \{"ms":30\}/,
  ],
  [
    'no cell in common',
    { ...before, experiment: { ...before.experiment, cells: [waitOn('hybrid')] } },
    /no cell in common/,
  ],
];
for (const [what, other, reason] of refusals) {
  test(`${what} is refused, with the reason`, () => {
    const difference = differenceOf({ before, after: other }, 0.05);
    assert.equal(difference.state, 'refused');
    assert.match(difference.reasons.join('\n'), reason);
  });
}

test('another commit, seed or machine, and cells that one run alone has, are noted', () => {
  const experiment = { ...before.experiment, seed: 8, cells: [waitOn('sync')] };
  const after = { ...before, experiment, environment: { commit: 'b', postgres: { fsync: 'on' } } };
  assert.deepEqual(compared(before, after).notes, [
    'seed: 7 → 8',
    'commit: a → b',
    'postgres fsync: not recorded → on',
    'only in the first run: wait on threads-1x8-8',
  ]);
});

test('a deployment with other limits is another deployment', () => {
  const limitedRun = (cpus: number) => {
    const cells = before.experiment.cells.map(cell => ({
      ...cell,
      deployment: { ...cell.deployment, containers: { nginx: { cpus } } },
    }));
    return run(0.021, { cells });
  };
  const difference = differenceOf({ before: limitedRun(0.2), after: limitedRun(0.4) }, 0.05);
  assert.equal(difference.state, 'refused');
  assert.match(JSON.stringify(difference), /no cell in common.*-n200m.*-n400m/);
  assert.equal(compared(limitedRun(0.2), limitedRun(0.2)).cells.length, before.experiment.cells.length);
});

test('CPU work that takes as long on either machine is the same workload, in whatever units', () => {
  const cpuRun = (units: number, cpuSecondsPerUnit: number): Results => {
    const requests = [{ weight: 1, route: 'cpu' as const, parameters: { units } }];
    const cells = [{ ...waitOn('sync'), workload: { name: 'cpu', requests } }];
    return { ...before, experiment: { ...before.experiment, cells }, results: [], environment: { cpuSecondsPerUnit } };
  };
  assert.equal(differenceOf({ before: cpuRun(74, 6.76e-5), after: cpuRun(50, 1e-4) }, 0.05).state, 'compared');
  assert.equal(differenceOf({ before: cpuRun(74, 6.76e-5), after: cpuRun(74, 1e-4) }, 0.05).state, 'refused');
});
