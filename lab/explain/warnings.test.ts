import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InvalidReason, TrialResult } from '../../model/measurement.ts';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured, simulate } from '../search/testdata/simulated-service.ts';
import { explainInvalid, listWarnings } from './warnings.ts';

const plain = { objective: experimentWith([]).objective, cpus: 2 };
const validity = { scheduleLag: 0.1, steal: 0.02, others: 0.15 };

const invalid: [reason: InvalidReason, says: RegExp][] = [
  [{ kind: 'never-sent', arrivals: 3 }, /3 arrivals .*at least 4/],
  [{ kind: 'out-of-connections', arrivals: 1 }, /one arrival\. .*ulimit -n/],
  [{ kind: 'schedule-lag', p99: 0.031, limit: 0.025 }, /31 ms .* 25 ms .*loadline calibrate/],
  [{ kind: 'generator-cpu', share: 0.7, limit: 0.6 }, /70 % of the CPUs/],
  [{ kind: 'control-lost' }, /sleep/],
  [{ kind: 'completions-differ', sent: 10, succeeded: 9, byWorkers: 5 }, /9 successes of 10 .* completed 5/],
  [{ kind: 'littles-law', overTime: 12, overRequests: 20 }, /12 s .* 20 s/],
  [
    { kind: 'other-deployment-at-work', name: 'sync-2x1-2', completed: 7, inProgress: 0, cpus: 0.4 },
    /^sync-2x1-2, .* 7 requests .* 0\.4 CPUs/,
  ],
  [{ kind: 'machine-disturbed', steal: 0.07, others: 0.1 }, /10 % .* 7 % .*loadline calibrate/],
];
for (const [reason, says] of invalid) {
  test(`${reason.kind} is told with its figures, and without calibration advice on a calibrated machine`, () => {
    assert.match(explainInvalid(reason, plain), says);
    assert.doesNotMatch(explainInvalid(reason, { ...plain, validity }), /loadline calibrate/);
  });
}

test('more CPUs are no advice on a machine that has enough', () => {
  assert.doesNotMatch(explainInvalid({ kind: 'never-sent', arrivals: 3 }, { ...plain, cpus: 8 }), /at least 4/);
});

const waiting = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };

test('each trouble becomes one warning, which lists the cells that have it', () => {
  const cells = [waitOn('sync'), waitOn('async')];
  const experiment = experimentWith(cells);
  const reason = { kind: 'never-sent', arrivals: 1 } as const;
  const results = cells.flatMap((cell): TrialResult[] => {
    const carried = simulate(trialAt(50, cell), waiting, experiment);
    const cpuShare = { ...nothingMeasured(1).cpuShare, k6: 0.2 };
    const utilisation = { ...carried.measurement.utilisation, cpu: 0.8 };
    return [
      simulate({ ...trialAt(20, cell), purpose: 'light' }, waiting, experiment),
      { ...carried, measurement: { ...carried.measurement, cpuShare, utilisation, steal: 0.04 } },
      simulate(trialAt(100, cell), { ...waiting, places: 1 }, experiment),
      { ...carried, state: 'invalid', reason },
    ];
  });
  const warnings = listWarnings(experiment, results);
  assert.deepEqual(
    warnings.map(({ kind }) => kind),
    ['wide-interval', 'invalid-trials', 'generator-share', 'other-programs', 'steal', 'no-ratios'],
  );
  for (const { message } of warnings.slice(0, 2)) assert.match(message, /wait on sync-2x1-2.*, .*wait on async-1x1-40/);
});
