import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { MachineTime } from '../../../lab/probe/machine.ts';
import { countOverObjective, emptyHistogram } from '../../../model/histogram.ts';
import { histogramWith } from '../testdata/live-reports.ts';
import { DeploymentSeconds, secondEnd } from './deployment-seconds.ts';
import type { GeneratorInterval } from './generator-counts.ts';
import type { LoggedRequest } from './request-log.ts';
import { UtilisationMeter, type WorkerInterval } from './utilisation-meter.ts';
import { WindowCount } from './window-count.ts';

let seconds: DeploymentSeconds;
let machine: MachineTime;
let window: WindowCount;
let now: number;

beforeEach(() => {
  now = 100;
  machine = { busy: 1000, total: 4000, steal: 0 };
  seconds = new DeploymentSeconds(new UtilisationMeter(1, 2), () => 64_000_000);
  window = new WindowCount({
    ...{ meter: new UtilisationMeter(2, 4), memory: () => 64_000_000, hostCpus: 4, onClose: () => {} },
    ...{ machine: () => machine, clock: () => now },
  });
});

const request = (endedAt: number, status = 200, responseTime = 0.03): LoggedRequest => ({
  ...{ endedAt, port: 8085, status, responseTime },
  ...{ dot: undefined, worker: 'hybrid-1.1', app: 0.025, databaseWait: 0.02 },
});
const sent = (given: Partial<GeneratorInterval>): GeneratorInterval => ({
  ...{ id: 'hybrid', duration: 0.25, sent: 0, completed: 0, failed: 0, inProgress: 0 },
  ...{ responseTime: emptyHistogram(0.25), ...given },
});
const interval: WorkerInterval = {
  ...{ worker: 'hybrid-1.1', duration: 0.25, busy: 0.125, connectionsHeld: 2.5, connections: 20, inProgress: 7 },
};

test('a second ends in whole tenths, 0.3 s before now', () => {
  assert.deepEqual([100.3, 100.399, 1764234567.41].map(secondEnd), [100, 100, 1764234567.1]);
});

test('answers count in the second in which they ended, or in the next when they are read late', () => {
  for (const endedAt of [100, 100.5, 100.999, 101, 101.2]) seconds.addRequest(request(endedAt));
  assert.equal(seconds.take(100, 101).second.throughput, 3);
  assert.equal(seconds.take(101, 103).second.throughput, 1, 'two answers in two seconds');
  seconds.addRequest(request(102.9));
  assert.equal(seconds.take(103, 104).second.throughput, 1);
  seconds.addRequest(request(99));
  assert.equal(seconds.take(104, 104).second.throughput, 0, 'a second without any time');
});

test('failures are no throughput, and refusals and clients that gave up are counted', () => {
  for (const status of [200, 204, 302, 404, 499, 502, 503, 503, 0]) seconds.addRequest(request(100.5, status));
  const { second, refused, givenUp } = seconds.take(100, 102);
  assert.deepEqual([second.throughput, second.failed, refused, givenUp], [1.5, 3, 2, 1]);
  assert.equal(seconds.take(102, 103).refused, 0);
});

test('the offered load is what k6 sent over the time of its reports, however late they come', () => {
  seconds.addGenerator(sent({ sent: 30, inProgress: 9 }));
  seconds.addGenerator(sent({ sent: 34, duration: 0.39, inProgress: 7 }));
  const next = (begin: number) => {
    const { offeredLoad, inProgress } = seconds.take(begin, begin + 1).second;
    return [offeredLoad, inProgress];
  };
  assert.deepEqual(
    [next(100), next(101)],
    [
      [100, 7],
      [100, 7],
    ],
  );
  seconds.addGenerator(sent({ sent: 80, duration: 1, inProgress: 5 }));
  assert.deepEqual(next(102), [80, 5]);
  seconds.loseGenerator();
  assert.deepEqual(next(103), [0, 0]);
});

test('p50 and p99 are in seconds, to within 1 %, and absent where nothing completed', () => {
  seconds.addGenerator(sent({ responseTime: histogramWith(...new Array(60).fill(0.02)) }));
  seconds.addGenerator(sent({ responseTime: histogramWith(...new Array(38).fill(0.03), 0.4, 0.5) }));
  const { p50 = 0, p99 = 0 } = seconds.take(100, 101).second;
  assert.ok(Math.abs(p50 / 0.02 - 1) < 0.011, `${p50}`);
  assert.ok(Math.abs(p99 / 0.4 - 1) < 0.011, `${p99}`);
  assert.equal('p50' in seconds.take(101, 102).second, false);
});

test('utilisation is a mean, weighted by the length of each interval', () => {
  seconds.addWorker(interval);
  seconds.addWorker({ ...interval, duration: 0.75, busy: 0.125, connectionsHeld: 0 });
  seconds.addProcess({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 });
  const { utilisation, memory } = seconds.take(100, 101).second;
  assert.deepEqual([utilisation, memory], [{ workers: 0.25, databaseConnections: 0.125, cpu: 0.25 }, 64_000_000]);
  assert.equal(seconds.take(101, 102).second.utilisation.workers, 0.25, 'until something else is known');
  seconds.addWorker({ ...interval, busy: 0.26, connectionsHeld: 5.1 });
  const { workers, databaseConnections } = seconds.take(102, 103).second.utilisation;
  assert.deepEqual([workers, databaseConnections], [1, 1], 'never more than all');
  seconds.forgetUse();
  assert.deepEqual(seconds.take(103, 104).second.utilisation, { workers: 0, databaseConnections: 0, cpu: 0 });
});

test('a process that has ended uses nothing, and one without a reading counts like the others', () => {
  const meter = new UtilisationMeter(2, 2);
  assert.equal(meter.cpu, 0);
  meter.addProcess({ process: 1, endedAt: 101, duration: 1, cpu: 1 });
  assert.equal(meter.cpu, 2);
  for (const endedAt of [100.5, 101]) meter.addProcess({ process: 2, endedAt, duration: 0.5, cpu: 0 });
  assert.equal(meter.cpu, 1);
  meter.restart();
  meter.addProcess({ process: 1, endedAt: 102, duration: 1, cpu: 0.5 });
  assert.equal(meter.cpu, 0.5);
});

test('a window counts requests that ended since it was opened, and times successes', () => {
  window.addRequest(request(99.999));
  for (const [responseTime, status] of [
    [0.03, 200],
    [0.25, 200],
    [0.2501, 200],
    [9, 503],
    [9, 404],
    [9, 0],
  ] as const) {
    window.addRequest(request(100.5, status, responseTime));
  }
  const { completed, failed, responseTime, completions, app, databaseWait } = window.read().nginx;
  assert.deepEqual([completed, failed], [6, 3]);
  assert.deepEqual([responseTime.count, countOverObjective(responseTime), responseTime.max], [3, 1, 0.2501]);
  assert.deepEqual(completions[1], { endedAt: 100.5, responseTime: 0.25 });
  assert.deepEqual(
    [app, databaseWait].map(time => Math.round(time * 1000)),
    [150, 120],
  );
});

test('a window keeps the latest 20,000 completions, and counts all', () => {
  for (let number = 0; number < 45_000; number++) window.addRequest(request(100 + number / 1000));
  const { completed, completions } = window.read().nginx;
  assert.deepEqual([completed, completions.length], [45_000, 20_000]);
  assert.deepEqual([completions[0]?.endedAt, completions.at(-1)?.endedAt], [125, 144.999]);
});

test('a window sums up k6, and keeps the most requests of each worker', () => {
  window.addGenerator(sent({ sent: 30, completed: 20, failed: 2, responseTime: histogramWith(0.02, 0.3) }));
  window.addGenerator(sent({ sent: 5, completed: 15, responseTime: histogramWith(0.1) }));
  for (const inProgress of [7, 31, 12]) window.addWorker({ ...interval, inProgress });
  window.addWorker({ ...interval, worker: 'hybrid-2.1', inProgress: 4 });
  const { k6, mostInProgress } = window.read();
  assert.deepEqual([k6.sent, k6.completed, k6.failed, k6.responseTime.count], [35, 35, 2, 3]);
  assert.deepEqual(mostInProgress, { 'hybrid-1.1': 31, 'hybrid-2.1': 4 });
});

test('the CPU time of a window is that since it was opened', () => {
  window.addProcess({ process: 1, endedAt: 99.9, duration: 1, cpu: 1 });
  window.addProcess({ process: 1, endedAt: 100.25, duration: 1, cpu: 0.2 });
  window.addProcess({ process: 1, endedAt: 101.25, duration: 1, cpu: 0.45 });
  machine = { busy: 2500, total: 8000, steal: 0 };
  now = 102;
  const { utilisation, cpuSeconds, machine: cpu, hostCpus, duration } = window.read();
  assert.deepEqual([utilisation.cpu, cpu, hostCpus, duration], [0.2, 0.375, 4, 2]);
  assert.equal(cpuSeconds, 1.6, 'two processes at 0.4 CPUs each, over 2 s');
});

test('a reading does not change afterwards', () => {
  window.addRequest(request(100.5));
  window.addWorker(interval);
  const before = window.read();
  const copy = structuredClone(before);
  window.addRequest(request(100.6));
  window.addGenerator(sent({ sent: 5 }));
  window.addWorker({ ...interval, inProgress: 99 });
  assert.deepEqual(before, copy);
});
