import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { MachineTime } from '../../../lab/probe/machine.ts';
import { countOverObjective } from '../../../model/histogram.ts';
import { histogramOf } from '../generator/testdata/live-reports.ts';
import type { WorkerInterval } from './follower.ts';
import type { LoggedRequest } from './logged-request.ts';
import type { TargetChange } from './target-changes.ts';
import { UtilisationMeter } from './utilisation-meter.ts';
import { WindowCount } from './window-count.ts';

const answered: LoggedRequest = {
  ...{ endedAt: 100.5, port: 8085, status: 200, responseTime: 0.03 },
  ...{ dot: undefined, worker: 'hybrid-1.1', app: 0.025, databaseWait: 0.02 },
};
const change: TargetChange = {
  ...{ target: 'hybrid', duration: 0.25, sent: 30, completed: 20, failed: 2, inProgress: 10 },
  responseTime: histogramOf(0.02, 0.3),
};
const interval: WorkerInterval = {
  ...{ worker: 'hybrid-1.1', duration: 0.25, busy: 0.125, connectionsHeld: 2.5, connections: 20, inProgress: 7 },
};

let machine: MachineTime;
let window: WindowCount;

beforeEach(() => {
  machine = { busy: 1000, total: 4000, steal: 0 };
  window = new WindowCount({
    openedAt: 100,
    meter: new UtilisationMeter(2, 4),
    memory: () => 64_000_000,
    hostCpus: 4,
    machine: () => machine,
  });
});

test('a window that saw nothing is empty', () => {
  const { duration, nginx, k6, mostInProgress, machine: cpu, cpuSeconds, memory } = window.read(104);
  assert.equal(duration, 4);
  assert.deepEqual(nginx, {
    completed: 0,
    failed: 0,
    responseTime: histogramOf(),
    completions: [],
    app: 0,
    databaseWait: 0,
  });
  assert.deepEqual(k6, { sent: 0, completed: 0, failed: 0, responseTime: histogramOf() });
  assert.deepEqual([mostInProgress, cpu, cpuSeconds, memory], [{}, 0, 0, 64_000_000]);
});

test('what ended before it was opened is not counted, whenever it is read', () => {
  window.logged({ ...answered, endedAt: 99.999 });
  window.logged({ ...answered, endedAt: 100 });
  assert.equal(window.read(101).nginx.completed, 1);
});

test('nginx is counted with its failures; its times are those of successes', () => {
  window.logged(answered);
  window.logged({ ...answered, endedAt: 100.6, responseTime: 0.25 });
  window.logged({ ...answered, endedAt: 100.7, responseTime: 0.2501 });
  for (const status of [503, 404, 0]) window.logged({ ...answered, status, responseTime: 9 });
  const { completed, failed, responseTime, completions, app, databaseWait } = window.read(101).nginx;
  assert.deepEqual([completed, failed], [6, 3]);
  assert.deepEqual([responseTime.count, countOverObjective(responseTime), responseTime.max], [3, 1, 0.2501]);
  assert.deepEqual(completions, [
    { endedAt: 100.5, responseTime: 0.03 },
    { endedAt: 100.6, responseTime: 0.25 },
    { endedAt: 100.7, responseTime: 0.2501 },
  ]);
  assert.equal(Math.round(app * 1000), 150);
  assert.equal(Math.round(databaseWait * 1000), 120);
});

test('the latest 20,000 completions are kept one by one, all are counted', () => {
  for (let number = 0; number < 45_000; number++) window.logged({ ...answered, endedAt: 100 + number / 1000 });
  const { completed, completions } = window.read(150).nginx;
  assert.deepEqual(
    [completed, completions.length, completions[0]?.endedAt, completions.at(-1)?.endedAt],
    [45_000, 20_000, 125, 144.999],
  );
});

test('k6 is counted over all its reports', () => {
  window.reported(change);
  window.reported({ ...change, sent: 5, completed: 15, failed: 0, responseTime: histogramOf(0.1) });
  assert.deepEqual(window.read(101).k6, {
    sent: 35,
    completed: 35,
    failed: 2,
    responseTime: { ...histogramOf(0.02, 0.3, 0.1), sum: 0.02 + 0.3 + 0.1 },
  });
});

test('the most that each worker held at once is kept', () => {
  for (const inProgress of [7, 31, 12]) window.worked({ ...interval, inProgress });
  window.worked({ ...interval, worker: 'hybrid-2.1', inProgress: 4 });
  assert.deepEqual(window.read(101).mostInProgress, { 'hybrid-1.1': 31, 'hybrid-2.1': 4 });
});

test('utilisation is a mean, of CPU time only what was used since it was opened', () => {
  window.worked(interval);
  window.worked({ ...interval, worker: 'hybrid-2.1', busy: 0.25 });
  window.used({ process: 1, endedAt: 99.9, duration: 1, cpu: 1 });
  window.used({ process: 1, endedAt: 100.25, duration: 1, cpu: 0.2 });
  window.used({ process: 1, endedAt: 101.25, duration: 1, cpu: 0.45 });
  machine = { busy: 2500, total: 8000, steal: 0 };
  const { utilisation, cpuSeconds, machine: cpu, hostCpus } = window.read(102);
  assert.deepEqual(utilisation, { workers: 0.75, databaseConnections: 0.5, cpu: 0.2 });
  assert.equal(cpuSeconds, 1.6, 'two processes at 0.4 CPUs each, over 2 s');
  assert.deepEqual([cpu, hostCpus], [0.375, 4]);
});

test('a reading stays as it was when more comes', () => {
  window.logged(answered);
  window.worked(interval);
  const before = window.read(101);
  const copy = structuredClone(before);
  window.logged(answered);
  window.reported(change);
  window.worked({ ...interval, inProgress: 99 });
  assert.deepEqual(before, copy);
});
