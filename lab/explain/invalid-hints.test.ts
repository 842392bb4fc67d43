import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InvalidReason } from '../../model/measurement.ts';
import { culpritOf, hintOf } from './invalid-hints.ts';

const objective = { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 };
const plain = { objective, cpus: 2 };
const validity = { scheduleLag: 0.1, steal: 0.02, others: 0.15 };

const cases: [reason: InvalidReason, culprit: string, says: RegExp][] = [
  [{ kind: 'never-sent', arrivals: 3 }, 'generator', /^k6 fell so far behind that 3 arrivals .*at least 4/],
  [{ kind: 'out-of-connections', arrivals: 1 }, 'generator', /no connection left for one arrival\. .*ulimit -n/],
  [{ kind: 'schedule-lag', p99: 0.031, limit: 0.025 }, 'generator', /31 ms late .* 25 ms are allowed.*calibrate/],
  [{ kind: 'generator-cpu', share: 0.7, limit: 0.6 }, 'generator', /70 % of the CPUs/],
  [{ kind: 'control-lost' }, 'count', /does not sleep/],
  [{ kind: 'completions-differ', sent: 10, succeeded: 9, byWorkers: 5 }, 'count', /9 successes of 10 .* completed 5/],
  [{ kind: 'littles-law', overTime: 12, overRequests: 20 }, 'count', /12 s .* 20 s/],
  [
    { kind: 'other-deployment-at-work', name: 'sync-2x1-2', completed: 7, inProgress: 0, cpus: 0.4 },
    'machine',
    /^sync-2x1-2, .* 7 requests .* 0\.4 CPUs/,
  ],
  [{ kind: 'machine-disturbed', steal: 0.07, others: 0.1 }, 'machine', /10 % .* 7 % .*calibrate finds/],
];
for (const [reason, culprit, says] of cases) {
  test(`${reason.kind} is told with what to do about it`, () => {
    const hint = hintOf(reason, plain);
    assert.match(hint, says);
    assert.match(hint, /\.$/);
    assert.equal(culpritOf(reason), culprit);
  });
}

test('where the machine was calibrated nobody is told to calibrate it', () => {
  for (const [reason] of cases)
    assert.doesNotMatch(hintOf(reason, { ...plain, validity }), /Run \.\/loadline calibrate|calibrate finds/);
});

test('where there are CPUs enough more of them are no advice', () => {
  assert.match(hintOf({ kind: 'never-sent', arrivals: 3 }, { ...plain, cpus: 8 }), /no other program/);
});
