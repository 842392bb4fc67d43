import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { MachineTime } from '../../../lab/probe/machine.ts';
import { ControlThread } from '../../../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { deploymentName, deploymentOf } from '../../../model/deployment.ts';
import type { Frame, Mark } from '../../protocol.ts';
import { GeneratorDesk } from '../generator/generator-desk.ts';
import { histogramOf, liveReport, targetReport } from '../generator/testdata/live-reports.ts';
import { createObservation, type RunningObservation } from './observation.ts';

const LIMIT_MS = 5000;

let folder: string;
let log: string;
let now: number;
let machine: MachineTime;
let control: ControlThread;
let desk: GeneratorDesk;
let observation: RunningObservation;
let marks: Mark[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-observation-'));
  log = join(folder, 'live.log');
  writeFileSync(log, '');
  now = 2000;
  machine = { busy: 0, total: 0, steal: 0 };
  marks = [];
  control = await ControlThread.open();
  control.counters = processCounters(11, workerCounters('async-1.1', { busy: 5 }));
  control.resources = { pid: 11, cpu: 2, memory: 64_000_000 };
  mock.timers.enable({ apis: ['setInterval'] });
  desk = new GeneratorDesk(() => now);
  const deployments = [
    {
      ...{ id: 'async', deployment: deploymentOf('async', 1), target: 'http://127.0.0.1:8084', nginxPort: 8084 },
      controls: [control.url],
    },
    { id: 'sync', deployment: deploymentOf('sync', 2), target: 'http://127.0.0.1:8081', nginxPort: 8081, controls: [] },
  ];
  observation = createObservation({ deployments, requestLog: log }, desk, {
    say: () => undefined,
    clock: () => now,
    machine: () => machine,
  });
  observation.onMark = mark => marks.push(mark);
});

afterEach(async () => {
  observation.close();
  mock.timers.reset();
  await control[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Has nginx log a request, and the log looked at. */
function logged(line: string): void {
  appendFileSync(log, `${line.replaceAll(' | ', '\t')}\n`);
  mock.timers.tick(100);
}

/** Until the control threads have told what holds then. */
async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!holds()) {
    limit.throwIfAborted();
    mock.timers.tick(50);
    await new Promise(resolve => setImmediate(resolve));
  }
}

test('a dot sets out when k6 says so, and is served by the worker of which nginx logged it', () => {
  desk.answer(liveReport({ number: 1, targets: [targetReport({ name: 'sync', sent: 1, dots: [[7, 2000]] })] }));
  assert.deepEqual(observation.frame().arrivals, [['sync', 7, 2000]]);
  logged('2000.050 | 8081 | 200 | 0.045 | 7 | sync-2.1 | db;dur=20.0, app;dur=30.0');
  const { completions, now: at } = observation.frame();
  assert.deepEqual(completions, [[7, 1, 2000.02, 0.02, 2000.05, 200]]);
  assert.equal(at, 2000);
});

test('two sizes of a topology, whose workers have the same names, are told apart by nginx’s port', () => {
  const large = deploymentOf('hybrid', 2);
  const sizes = [large, { ...large, databaseConnections: 8 }].map((deployment, index) => ({
    ...{ id: deploymentName(deployment), deployment, controls: [] },
    ...{ target: `http://127.0.0.1:${8085 + index}`, nginxPort: 8085 + index },
  }));
  const file = join(folder, 'sizes.log');
  writeFileSync(file, '');
  const both = createObservation({ deployments: sizes, requestLog: file }, desk, {
    say: () => undefined,
    clock: () => now,
    machine: () => machine,
  });
  const ids = ['hybrid-2x1-40', 'hybrid-2x1-8'];
  both.look(ids);
  const targets = ids.map((name, index) => targetReport({ name, sent: 3, completed: 3, dots: [[index + 1, 2000]] }));
  desk.answer(liveReport({ number: 1, time: 0.5, targets }));
  const line = (port: number, dot: string) =>
    `2000.050 | ${port} | 200 | 0.045 | ${dot} | hybrid-2.1 | db;dur=20, app;dur=30`;
  const lines = [line(8085, '1'), line(8086, '2'), line(8086, '-'), line(8086, '-')];
  appendFileSync(file, `${lines.join('\n').replaceAll(' | ', '\t')}\n`);
  mock.timers.tick(100);
  const { arrivals, completions } = both.frame();
  assert.deepEqual(arrivals, [
    ['hybrid-2x1-40', 1, 2000],
    ['hybrid-2x1-8', 2, 2000],
  ]);
  assert.deepEqual(
    completions.map(([dot, worker]) => [dot, worker]),
    [
      [1, 1],
      [2, 1],
    ],
  );
  assert.deepEqual(both.totals().nginx, { 'hybrid-2x1-40': 1, 'hybrid-2x1-8': 3 });
  now = 2001.3;
  const { deployments } = both.second();
  const [fewer, more] = ids.map(id => deployments[id]?.throughput ?? 0);
  assert.ok(fewer !== undefined && more !== undefined && fewer > 0 && Math.abs(more / fewer - 3) < 1e-9);
  both.close();
});

test('a second has what k6 sent, what nginx answered, and the machine; of the deployments that are looked at', () => {
  observation.look(['async']);
  const responseTime = histogramOf(0.05);
  desk.answer(
    liveReport({
      number: 1,
      time: 0.5,
      targets: [targetReport({ name: 'async', sent: 60, inProgress: 5, responseTime })],
    }),
  );
  for (const status of [200, 200, 200, 404]) logged(`2000.500 | 8084 | ${status} | 0.050 | - | async-1.1 | -`);
  logged('2000.600 | 9999 | 200 | 0.050 | - | - | -');
  now = 2001.3;
  machine = { busy: 1000, total: 4000, steal: 0 };
  const { time, deployments, cpu } = observation.second();
  assert.deepEqual([time, cpu, Object.keys(deployments)], [2001, 0.25, ['async']]);
  const { offeredLoad, throughput, failed, inProgress } = deployments.async ?? assert.fail();
  // Since 0.3 s before it began to look.
  const seconds = 2001 - 1999.7;
  assert.deepEqual([offeredLoad, inProgress], [120, 5]);
  assert.ok(Math.abs(throughput - 3 / seconds) < 1e-6, `${throughput}`);
  assert.ok(Math.abs(failed - 1 / seconds) < 1e-6, `${failed}`);
});

test('what was refused or given up is a mark of its second, also where nobody looks', () => {
  for (let request = 0; request < 3; request++) logged('2000.500 | 8081 | 503 | 0.001 | - | sync-1.1 | -');
  logged('2000.600 | 8081 | 499 | 10.000 | - | - | -');
  now = 2001.3;
  observation.second();
  assert.deepEqual(marks, [
    { time: 2001, kind: 'refused', id: 'sync', count: 3 },
    { time: 2001, kind: 'given-up', id: 'sync', count: 1 },
  ]);
});

test('totals are of k6 and of nginx, from the same start on', () => {
  desk.answer(liveReport({ number: 1, targets: [targetReport({ name: 'async', sent: 3, completed: 2 })] }));
  logged('2000.050 | 8084 | 200 | 0.045 | - | async-1.1 | -');
  logged('2000.060 | 8084 | 499 | 0.045 | - | - | -');
  assert.deepEqual(observation.totals(), { k6: { async: { sent: 3, completed: 2 } }, nginx: { async: 2 } });
});

test('workers are told when they change, and from time to time though they do not', async () => {
  const workersIn: Frame['workers'][] = [];
  observation.look(['async']);
  const frame = () => workersIn.push(observation.frame().workers);
  await until(() => control.asked.includes('/counters') && observation.frame().workers?.async !== undefined);
  for (let frames = 0; frames < 10; frames++) frame();
  const told = workersIn.filter(workers => workers !== undefined);
  assert.equal(told.length, 2);
  assert.deepEqual(told[0], {
    async: [{ inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: true }],
  });
});

test('nobody is asked who is not looked at, but while a window is open', async () => {
  mock.timers.tick(1000);
  assert.deepEqual(control.asked, []);
  const window = observation.open('async');
  await until(() => control.asked.length >= 2);
  window.close();
  const asked = control.asked.length;
  now += 10;
  mock.timers.tick(10_000);
  assert.equal(control.asked.length, asked);
});

test('a window counts from its opening on what happens to its id', async () => {
  const window = observation.open('async');
  logged('1999.990 | 8084 | 200 | 0.045 | - | async-1.1 | -');
  logged('2000.500 | 8084 | 200 | 0.045 | - | async-1.1 | db;dur=20.0, app;dur=30.0');
  logged('2000.500 | 8081 | 200 | 0.045 | - | sync-1.1 | -');
  desk.answer(liveReport({ number: 1, targets: [targetReport({ name: 'async', sent: 4, completed: 1 })] }));
  now = 2001;
  const { duration, nginx, k6 } = window.read();
  assert.deepEqual([duration, nginx.completed, nginx.app, k6.sent, k6.completed], [1, 1, 0.03, 4, 1]);
  window.close();
  window.close();
  logged('2000.600 | 8084 | 200 | 0.045 | - | async-1.1 | -');
  assert.equal(window.read().nginx.completed, 1);
});

test('a worker that ends is a mark, and so is its return', async () => {
  observation.look(['async']);
  await until(() => observation.frame().workers?.async?.[0]?.alive === true);
  const { port } = control;
  await control[Symbol.asyncDispose]();
  now += 0.2;
  await until(() => marks.length > 0);
  control = await ControlThread.open(port);
  control.counters = processCounters(12, workerCounters('async-1.1'));
  now += 0.2;
  await until(() => marks.length > 1);
  assert.deepEqual(
    marks.map(({ kind, id, worker }) => [kind, id, worker]),
    [
      ['worker-ended', 'async', 'async-1.1'],
      ['worker-back', 'async', 'async-1.1'],
    ],
  );
});

test('a generator that is silent is lost, and back when it asks again; its first question is neither', () => {
  desk.answer(liveReport({ number: 1, targets: [targetReport({ name: 'async', inProgress: 9 })] }));
  observation.look(['async']);
  mock.timers.tick(100);
  assert.deepEqual(marks, []);
  now = 2003.1;
  mock.timers.tick(100);
  assert.equal(observation.second().deployments.async?.inProgress, 0);
  now = 2004;
  desk.answer(liveReport({ number: 2 }));
  mock.timers.tick(100);
  assert.deepEqual(marks, [
    { time: 2003.1, kind: 'generator-lost' },
    { time: 2004, kind: 'generator-back' },
  ]);
});

test('a deployment that is not in the stack is not looked at, and has no window', () => {
  observation.look(['hybrid']);
  assert.deepEqual(observation.second().deployments, {});
  assert.throws(() => observation.open('hybrid'), /hybrid is not in this stack/);
});

test('lines that are no requests are passed over', () => {
  for (const line of ['', 'no request', '2000.5 | x | 200']) logged(line);
  now = 2001.3;
  assert.deepEqual(observation.totals(), { k6: {}, nginx: {} });
});
