import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { MachineTime } from '../../../lab/probe/machine.ts';
import { ControlThread } from '../../../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import type { Mark } from '../../protocol.ts';
import { GeneratorDesk } from '../generator-desk.ts';
import { histogramWith, liveReport, targetReport } from '../testdata/live-reports.ts';
import { stackWith } from '../testdata/stage.ts';
import { StackObservation } from './observation.ts';

const LIMIT_MS = 5000;
const [SMALL, LARGE] = ['hybrid-2x1-8', 'hybrid-2x1-40'];

let folder: string;
let now: number;
let machine: MachineTime;
let control: ControlThread;
let desk: GeneratorDesk;
let observation: StackObservation;
let marks: Mark[];

/** Observes `async` on port 9001, and two sizes of `hybrid` on 9002 and 9003. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-observation-'));
  const requestLog = join(folder, 'live.log');
  writeFileSync(requestLog, '');
  now = 2000;
  machine = { busy: 0, total: 0, steal: 0 };
  marks = [];
  control = await ControlThread.open();
  control.counters = processCounters(11, workerCounters('async-1.1', { busy: 5 }));
  control.resources = { pid: 11, cpu: 2, memory: 64_000_000 };
  mock.timers.enable({ apis: ['setInterval'] });
  desk = new GeneratorDesk(() => now);
  const hybrid = deploymentOf('hybrid', 2);
  const [async, ...others] = stackWith('async', { ...hybrid, databaseConnections: 8 }, hybrid).deployments;
  assert.ok(async);
  observation = new StackObservation(
    { deployments: [{ ...async, controls: [control.url] }, ...others], requestLog },
    desk,
    { say: assert.fail, clock: () => now, machine: () => machine },
  );
  observation.onMark = mark => marks.push(mark);
});

afterEach(async () => {
  observation.close();
  mock.timers.reset();
  await control[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Has nginx log requests. */
function log(...lines: string[]): void {
  appendFileSync(join(folder, 'live.log'), lines.map(line => `${line.replaceAll(' | ', '\t')}\n`).join(''));
  mock.timers.tick(100);
}

/** Until the control threads have told this. */
async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!holds()) {
    limit.throwIfAborted();
    mock.timers.tick(50);
    await new Promise(resolve => setImmediate(resolve));
  }
}

test('two sizes of a topology, whose workers have the same names, are told apart', () => {
  observation.look([SMALL, LARGE]);
  const targets = [SMALL, LARGE].map((name, index) =>
    targetReport({ name, sent: 3, completed: 3, dots: [[index + 1, 2000]] }),
  );
  desk.answer(liveReport({ number: 1, time: 0.5, targets }));
  const line = (port: number, dot: string) =>
    `2000.050 | ${port} | 200 | 0.045 | ${dot} | hybrid-2.1 | db;dur=20.0, app;dur=30.0`;
  log(line(9002, '1'), line(9003, '2'), line(9003, '-'), line(9003, '-'), 'no request', line(9999, '-'));
  const { arrivals, completions, now: at } = observation.frame();
  assert.deepEqual(arrivals, [
    [SMALL, 1, 2000],
    [LARGE, 2, 2000],
  ]);
  assert.deepEqual(completions, [
    [1, 1, 2000.02, 0.02, 2000.05, 200],
    [2, 1, 2000.02, 0.02, 2000.05, 200],
  ]);
  assert.equal(at, 2000);
  const counts = { sent: 3, completed: 3 };
  assert.deepEqual(observation.totals(), {
    k6: { [SMALL]: counts, [LARGE]: counts },
    nginx: { [SMALL]: 1, [LARGE]: 3 },
  });
  now = 2001.3;
  const { deployments } = observation.second();
  const [fewer = 0, more = 0] = [SMALL, LARGE].map(id => deployments[id]?.throughput);
  assert.ok(fewer > 0 && Math.abs(more / fewer - 3) < 1e-9);
});

test('a second has k6, nginx and the machine, of the deployments on the stage; failures of all are marked', () => {
  observation.look(['async', 'gone']);
  const target = targetReport({ name: 'async', sent: 60, inProgress: 5, responseTime: histogramWith(0.05) });
  desk.answer(liveReport({ number: 1, time: 0.5, targets: [target] }));
  for (const status of [200, 200, 200, 404]) log(`2000.500 | 9001 | ${status} | 0.050 | - | async-1.1 | -`);
  for (let request = 0; request < 3; request++) log('2000.500 | 9002 | 503 | 0.001 | - | hybrid-1.1 | -');
  log('2000.600 | 9002 | 499 | 10.000 | - | - | -');
  now = 2001.3;
  machine = { busy: 1000, total: 4000, steal: 0 };
  const { time, deployments, cpu } = observation.second();
  assert.deepEqual([time, cpu, Object.keys(deployments)], [2001, 0.25, ['async']]);
  const { offeredLoad, throughput, failed, inProgress } = deployments.async ?? assert.fail();
  // It began 0.3 s before the observation.
  const seconds = 2001 - 1999.7;
  assert.deepEqual([offeredLoad, inProgress], [120, 5]);
  assert.ok(Math.abs(throughput - 3 / seconds) < 1e-6, `${throughput}`);
  assert.ok(Math.abs(failed - 1 / seconds) < 1e-6, `${failed}`);
  assert.deepEqual(marks, [
    { time: 2001, kind: 'refused', id: SMALL, count: 3 },
    { time: 2001, kind: 'given-up', id: SMALL, count: 1 },
  ]);
});

test('workers are told when they change, and from time to time', async () => {
  observation.look(['async']);
  await until(() => control.asked.includes('/counters') && observation.frame().workers?.async !== undefined);
  const told = Array.from({ length: 10 }, () => observation.frame().workers).filter(workers => workers !== undefined);
  assert.equal(told.length, 2);
  const [workers] = told;
  assert.deepEqual(workers?.async, [
    { inProgress: 0, connectionsInUse: 0, connections: 20, computing: 0, alive: true },
  ]);
});

test('a process uses CPU between two readings of the same process', async () => {
  const window = observation.open('async');
  const readings = () => control.asked.filter(path => path === '/resources').length;
  const next = async (cpu: number, pid = 11) => {
    control.resources = { pid, cpu, memory: 64_000_000 };
    now += 1;
    const before = readings();
    await until(() => readings() > before && window.read().memory > 0);
    await until(() => control.asked.at(-1) === '/counters');
  };
  await next(2);
  await next(2.5);
  assert.equal(window.read().cpuSeconds, 0.5 * 2, 'half a CPU over two seconds');
  await next(9, 12);
  assert.equal(window.read().cpuSeconds, 0.5 * 3, 'a new process ends no interval');
  assert.equal(window.read().memory, 64_000_000);
});

test('a window counts its own deployment from its opening on, which is asked only meanwhile', async () => {
  mock.timers.tick(1000);
  assert.deepEqual(control.asked, []);
  const window = observation.open('async');
  await until(() => control.asked.length >= 2);
  log('1999.990 | 9001 | 200 | 0.045 | - | async-1.1 | -');
  log('2000.500 | 9001 | 200 | 0.045 | - | async-1.1 | db;dur=20.0, app;dur=30.0');
  log('2000.500 | 9002 | 200 | 0.045 | - | hybrid-1.1 | -');
  desk.answer(liveReport({ number: 1, targets: [targetReport({ name: 'async', sent: 4, completed: 1 })] }));
  now = 2001;
  const { duration, nginx, k6 } = window.read();
  assert.deepEqual([duration, nginx.completed, nginx.app, k6.sent, k6.completed], [1, 1, 0.03, 4, 1]);
  window.close();
  window.close();
  const asked = control.asked.length;
  now += 10;
  log('2000.600 | 9001 | 200 | 0.045 | - | async-1.1 | -');
  mock.timers.tick(10_000);
  assert.deepEqual([window.read().nginx.completed, control.asked.length], [1, asked]);
  assert.throws(() => observation.open('gone'), RangeError);
});

test('a worker that ends is marked, and so is its return', async () => {
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

test('a k6 that is silent is lost, and back when it reports again; its first report is neither', () => {
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
