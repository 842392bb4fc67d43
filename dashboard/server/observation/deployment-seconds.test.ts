import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { emptyHistogram } from '../../../model/histogram.ts';
import { histogramOf } from '../generator/testdata/live-reports.ts';
import { DeploymentSeconds, secondEnd } from './deployment-seconds.ts';
import type { LoggedRequest } from './logged-request.ts';
import type { TargetChange } from './target-changes.ts';
import { UtilisationMeter } from './utilisation-meter.ts';

let seconds: DeploymentSeconds;

beforeEach(() => {
  seconds = new DeploymentSeconds(new UtilisationMeter(1, 2), () => 64_000_000);
});

function answered(endedAt: number, status = 200): LoggedRequest {
  return {
    endedAt,
    port: 8085,
    status,
    responseTime: 0.02,
    dot: undefined,
    worker: undefined,
    app: 0.02,
    databaseWait: 0,
  };
}

function change(given: Partial<TargetChange>): TargetChange {
  const nothing = { target: 'hybrid', duration: 0.25, sent: 0, completed: 0, failed: 0, inProgress: 0 };
  return { ...nothing, responseTime: emptyHistogram(0.25), ...given };
}

test('a second ends in whole tenths, 0.3 s before now', () => {
  assert.equal(secondEnd(100.3), 100);
  assert.equal(secondEnd(100.399), 100);
  assert.equal(secondEnd(1764234567.41), 1764234567.1);
});

test('answers are counted in the second in which they ended, per second', () => {
  for (const endedAt of [100, 100.5, 100.999, 101, 101.2]) seconds.logged(answered(endedAt));
  assert.equal(seconds.take(100, 101).second.throughput, 3);
  assert.equal(seconds.take(101, 103).second.throughput, 1, 'two answers in two seconds');
});

test('an answer that is read late counts in the next second', () => {
  seconds.take(100, 101);
  seconds.logged(answered(100.9));
  assert.equal(seconds.take(101, 102).second.throughput, 1);
});

test('what failed is no throughput, and what was refused with 503 is told apart', () => {
  for (const status of [200, 204, 302, 404, 499, 502, 503, 503, 0]) seconds.logged(answered(100.5, status));
  const { second, refused } = seconds.take(100, 102);
  assert.deepEqual([second.throughput, second.failed, refused], [1.5, 3, 2]);
  assert.equal(seconds.take(102, 103).refused, 0);
});

test('the offered load is what k6 sent over the time of its reports, however late they come', () => {
  seconds.reported(change({ sent: 30, inProgress: 9 }));
  seconds.reported(change({ sent: 34, duration: 0.39, inProgress: 7 }));
  const { offeredLoad, inProgress } = seconds.take(100, 101).second;
  assert.deepEqual([offeredLoad, inProgress], [100, 7]);
  const silent = seconds.take(101, 102).second;
  assert.deepEqual(
    [silent.offeredLoad, silent.inProgress],
    [100, 7],
    'a report that is late tells of its time when it comes',
  );
  seconds.reported(change({ sent: 80, duration: 1 }));
  assert.equal(seconds.take(102, 103).second.offeredLoad, 80);
});

test('a generator that is gone offers nothing', () => {
  seconds.reported(change({ sent: 30, inProgress: 9 }));
  seconds.take(100, 101);
  seconds.generatorLost();
  const { offeredLoad, inProgress } = seconds.take(101, 102).second;
  assert.deepEqual([offeredLoad, inProgress], [0, 0]);
});

test('p50 and p99 are of all that completed in the second, in seconds, to within 1 %', () => {
  seconds.reported(change({ responseTime: histogramOf(...new Array(60).fill(0.02)) }));
  seconds.reported(change({ responseTime: histogramOf(...new Array(38).fill(0.03), 0.4, 0.5) }));
  const { p50 = 0, p99 = 0 } = seconds.take(100, 101).second;
  assert.ok(Math.abs(p50 / 0.02 - 1) < 0.011, `${p50}`);
  assert.ok(Math.abs(p99 / 0.4 - 1) < 0.011, `${p99}`);
  assert.deepEqual(
    Object.keys(seconds.take(101, 102).second).filter(name => name.startsWith('p')),
    [],
  );
});

test('utilisation and memory are told of the deployment', () => {
  const interval = {
    worker: 'hybrid-1.1',
    duration: 0.5,
    busy: 0.25,
    connectionsHeld: 1,
    connections: 20,
    inProgress: 3,
  };
  seconds.worked(interval);
  seconds.worked({ ...interval, busy: 0.5 });
  seconds.used({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 });
  const { utilisation, memory } = seconds.take(100, 101).second;
  assert.deepEqual(utilisation, { workers: 0.75, databaseConnections: 0.1, cpu: 0.25 });
  assert.equal(memory, 64_000_000);
  seconds.worked({ ...interval, busy: 0.1 });
  assert.equal(seconds.take(101, 102).second.utilisation.workers, 0.2);
  seconds.forgetUse();
  assert.equal(seconds.take(102, 103).second.utilisation.workers, 0);
});

test('a second without any time has no throughput', () => {
  seconds.logged(answered(99));
  assert.equal(seconds.take(100, 100).second.throughput, 0);
});

test('what nobody takes for more than a minute is forgotten', () => {
  for (let second = 100; second < 300; second++) seconds.logged(answered(second));
  for (let tenth = 0; tenth < 600; tenth++) seconds.logged(answered(300 + tenth / 10));
  assert.equal(seconds.take(300, 400).second.throughput, 6);
});
