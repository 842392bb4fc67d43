import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { ControlThread } from '../../../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { until } from '../testdata/watching.ts';
import { type AskedDeployment, ControlThreads } from './control-threads.ts';

let now: number;
let heard: string[];
let control: ControlThread;
let threads: ControlThreads;
let async: AskedDeployment & { isMeasured: boolean };

beforeEach(async () => {
  now = 100;
  heard = [];
  control = await ControlThread.open();
  control.counters = processCounters(11, workerCounters('async-1.1', { busy: 5 }));
  control.resources = { pid: 11, cpu: 2.5, memory: 64_000_000 };
  threads = new ControlThreads(() => now);
  async = deploymentAt(control.url);
});

afterEach(async () => {
  threads.look([]);
  await control[Symbol.asyncDispose]();
});

function deploymentAt(...controls: readonly string[]): typeof async {
  return {
    ...{ controls, isMeasured: false },
    counted: (process, { pid }, at) => void heard.push(`${process} counted by ${pid} at ${at}`),
    used: (process, { cpu }) => void heard.push(`${process} used ${cpu} s`),
    gone: (process, at) => void heard.push(`${process} gone at ${at}`),
  };
}

/** Asks what is due at a time, and waits for what comes of it. */
async function tick(at: number): Promise<string[]> {
  now = at;
  threads.tick();
  await until(() => !threads.asking);
  return heard.splice(0);
}

test('only observed deployments are asked', async () => {
  assert.deepEqual(await tick(100), []);
  threads.look([async]);
  threads.tick();
  threads.look([]);
  assert.equal(threads.asking, false);
  assert.deepEqual(await tick(102), []);
});

test('counters are asked for 5 times and resources once a second, and while measured counters 20 times', async () => {
  const count = async (from: number) => {
    const before = control.asked.length;
    for (let step = 0; step <= 40; step++) await tick(from + step * 0.05);
    const asked = control.asked.slice(before);
    return ['/counters', '/resources'].map(path => asked.filter(other => other === path).length);
  };
  threads.look([async]);
  const [counters = 0, resources] = await count(100);
  assert.ok(counters >= 9 && counters <= 11, `${counters} times in 2 s`);
  assert.equal(resources, 3, 'at 100, 101 and 102');
  async.isMeasured = true;
  assert.deepEqual(await count(200), [38, 3]);
  assert.equal(control.connections, 1);
});

test('a process that is gone is told at once, and heard again when it is back on its port', async () => {
  async.isMeasured = true;
  threads.look([async]);
  assert.deepEqual(await tick(100), ['1 used 2.5 s']);
  assert.deepEqual(await tick(100.05), ['1 counted by 11 at 100.05']);
  const { port } = control;
  await control[Symbol.asyncDispose]();
  assert.deepEqual(await tick(100.1), ['1 gone at 100.1']);
  control = await ControlThread.open(port);
  control.counters = processCounters(12, workerCounters('async-1.1'));
  assert.deepEqual(await tick(100.15), ['1 counted by 12 at 100.15']);
});

test('a process that answers late, however often, is not gone', async () => {
  threads.look([async]);
  await tick(100);
  const { counters } = control;
  control.counters = undefined;
  for (const asked of [100.05, 102, 104]) {
    now = asked;
    threads.tick();
    now = asked + 0.9;
    threads.tick();
    assert.equal(threads.asking, true, 'one question at a time');
    assert.deepEqual(await tick(asked + 1.05), ['1 used 2.5 s']);
  }
  control.counters = counters;
  assert.deepEqual(await tick(106), ['1 counted by 11 at 106']);
});

test('of a process with a strange answer nothing is known', async () => {
  for (const [body, status] of [
    ['{"pid":"11"}', 200],
    ['no', 200],
    ['{}', 500],
    ['x'.repeat(300_000), 200],
  ] as const) {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    threads.look([deploymentAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)]);
    assert.deepEqual([await tick(now + 1), await tick(now + 0.2)], [[], []]);
    server.close();
    server.closeAllConnections();
  }
});

test('a host without an address holds nothing up', async () => {
  threads.look([deploymentAt('http://nowhere.invalid:10001', control.url)]);
  now = 100.05;
  threads.tick();
  await until(() => heard.includes('2 used 2.5 s'));
});
