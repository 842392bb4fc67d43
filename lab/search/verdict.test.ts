import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import { experimentWith, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured, simulate } from './testdata/simulated-service.ts';
import { isFailureCertain, judgeTrial } from './verdict.ts';

const { objective } = experimentWith([]);
const trial = trialAt(100, waitOn('sync'));

/** 1,000 arrivals in 10 s, all answered, of which `over` took longer than the objective. */
function measured({ over = 0, ...given }: Partial<Measurement> & { over?: number } = {}): Measurement {
  const responseTime = emptyHistogram(objective.responseTime);
  record(responseTime, 0.25, 1000 - over);
  if (over > 0) record(responseTime, 0.2501, over);
  return { ...nothingMeasured(0.25), scored: 1000, offeredLoad: 100, throughput: 100, responseTime, ...given };
}

const kinds = (measurement: Measurement): string[] =>
  judgeTrial(trial, measurement, objective).misses.map(({ kind }) => kind);

const errors = (timeout: number): Measurement['errors'] => ({ ...nothingMeasured(1).errors, timeout });

const cases: [what: string, measurement: Measurement, misses: string[]][] = [
  ['1 % over the objective is just met', measured({ over: 10 }), []],
  ['one arrival more misses it', measured({ over: 11 }), ['response-time']],
  ['0.1 % errors are just met', measured({ errors: errors(1) }), []],
  ['one error more misses it', measured({ errors: errors(2) }), ['errors']],
  ['97 % of the offered load is enough', measured({ throughput: 97 }), []],
  ['less than 97 % of the offered load is not', measured({ throughput: 96.9 }), ['throughput']],
  ['few arrivals by chance are no miss', measured({ offeredLoad: 90, throughput: 90 }), []],
  ['a trial without arrivals has shown nothing', nothingMeasured(0.25), ['nothing-scored']],
  ['a trial that was stopped early has failed', measured({ stoppedEarly: true }), ['stopped-early']],
];
for (const [what, measurement, misses] of cases) test(what, () => assert.deepEqual(kinds(measurement), misses));

for (const [topology, saturation] of [
  ['sync', 95.2],
  ['threads', 381],
] as const) {
  /** How many of 60 whole trials at a part of saturation, none of them stopped early, are seen to grow. */
  const growing = (part: number): number => {
    const cell = waitOn(topology);
    return Array.from({ length: 60 }, (_, seed) => {
      // Light trials are never stopped early.
      const one = trialAt(part * saturation, cell, { seed, purpose: 'light' });
      const result = simulate(one, { serviceTime: 0.021, cpuPerRequest: 0, cpus: 2 }, experimentWith([cell]));
      const misses = result.state === 'completed' ? judgeTrial(one, result.measurement, objective).misses : [];
      return misses.some(({ kind }) => kind === 'growth') ? 1 : 0;
    }).reduce((sum: number, one) => sum + one, 0);
  };

  test(`on ${topology}, growth is seldom seen at 0.9 of saturation`, () => {
    const seen = growing(0.9);
    assert.ok(seen <= 3, `${seen} of 60`);
  });

  test(`on ${topology}, growth is nearly always seen at 1.1 of saturation`, () => {
    const seen = growing(1.1);
    assert.ok(seen >= 55, `${seen} of 60`);
  });
}

test('failure is certain once more are late than the whole steady state allows, with a margin for chance', () => {
  // 100/s for 10 s allow 10 late ones, and 22.5 with three deviations and three more.
  assert.equal(isFailureCertain({ overObjective: 22, failed: 0 }, trial, objective), false);
  assert.equal(isFailureCertain({ overObjective: 23, failed: 0 }, trial, objective), true);
});

test('failure is certain once too many have failed', () => {
  assert.equal(isFailureCertain({ overObjective: 7, failed: 7 }, trial, objective), false);
  assert.equal(isFailureCertain({ overObjective: 8, failed: 8 }, trial, objective), true);
});

test('a light trial is never stopped early', () => {
  assert.equal(isFailureCertain({ overObjective: 60, failed: 60 }, { ...trial, purpose: 'light' }, objective), false);
});
