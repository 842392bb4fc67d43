import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { ControlThread } from '../../../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../../../lab/probe/testdata/counters.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import type { DeploymentId } from '../../protocol.ts';
import type { StackDeployment } from '../parts.ts';
import { ControlThreads } from './control-threads.ts';

const LIMIT_MS = 5000;
const none = new Set<DeploymentId>();
const async = new Set<DeploymentId>(['async']);

let now: number;
let heard: string[];
let control: ControlThread;
let threads: ControlThreads;
let wake: (() => void) | undefined;

beforeEach(async () => {
  now = 100;
  heard = [];
  control = await ControlThread.open();
  control.counters = processCounters(11, workerCounters('async-1.1', { busy: 5 }));
  control.resources = { pid: 11, cpu: 2.5, memory: 64_000_000 };
  threads = controlThreads(control.url);
});

afterEach(async () => {
  threads.close();
  await control[Symbol.asyncDispose]();
});

function controlThreads(...controls: readonly string[]): ControlThreads {
  const deployment: StackDeployment = {
    ...{ id: 'async', deployment: deploymentOf('async', 1), target: 'http://127.0.0.1:1', nginxPort: 1 },
    controls,
  };
  const hear = (text: string) => {
    heard.push(text);
    wake?.();
  };
  return new ControlThreads(
    [deployment],
    {
      counted: (id, process, { pid, workers }, at) =>
        hear(`${id} ${process} counted by ${pid}: busy ${workers[0]?.busy} at ${at}`),
      used: (id, process, { cpu, memory }) => hear(`${id} ${process} used ${cpu} s, ${memory} bytes`),
      gone: (id, process, at) => hear(`${id} ${process} gone at ${at}`),
    },
    () => now,
  );
}

/** Asks whoever is due, and waits for what comes of it. */
async function tick(at: number, events = 1): Promise<string[]> {
  now = at;
  const limit = AbortSignal.timeout(LIMIT_MS);
  threads.tick();
  while (heard.length < events) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wake = resolve;
    limit.onabort = () => reject(new Error(`heard only ${heard.join(', ') || 'nothing'}`));
    await promise;
  }
  return heard.splice(0);
}

test('nobody is asked while nobody is looked at', () => {
  threads.tick();
  threads.look(new Set(['hybrid']), none);
  threads.tick();
  assert.deepEqual(control.asked, []);
});

test('who is looked at is asked what it counts 5 times a second, and what it uses once a second', async () => {
  threads.look(async, none);
  for (let step = 0; step <= 40; step++) {
    now = 100 + step * 0.05;
    threads.tick();
    // Who waits for an answer asks nothing more.
    if (threads.asking) await tick(now);
  }
  const asked = (path: string) => control.asked.filter(one => one === path).length;
  assert.ok(asked('/counters') >= 9 && asked('/counters') <= 11, `${asked('/counters')} times in 2 s`);
  assert.equal(asked('/resources'), 3, 'at 100, 101 and 102');
  assert.equal(control.connections, 1, 'over one connection');
});

test('what is answered is told with its process and moment', async () => {
  threads.look(async, none);
  assert.deepEqual(await tick(100), ['async 1 used 2.5 s, 64000000 bytes']);
  assert.deepEqual(await tick(100.05), ['async 1 counted by 11: busy 5 at 100.05']);
});

test('who is measured is asked what it counts 20 times a second', async () => {
  threads.look(async, async);
  await tick(100);
  for (let step = 1; step < 20; step++) await tick(100 + step * 0.05);
  assert.equal(control.asked.filter(path => path === '/counters').length, 19);
  assert.deepEqual(await tick(101), ['async 1 used 2.5 s, 64000000 bytes']);
});

test('a process that is gone is told of at once, and heard again when it is back on its port', async () => {
  threads.look(async, async);
  await tick(100);
  await tick(100.05);
  const { port } = control;
  await control[Symbol.asyncDispose]();
  assert.deepEqual(await tick(100.1), ['async 1 gone at 100.1']);
  control = await ControlThread.open(port);
  control.counters = processCounters(12, workerCounters('async-1.1'));
  assert.deepEqual(await tick(100.15), ['async 1 counted by 12: busy 0 at 100.15']);
});

test('answers that are late, however many in a row, say nothing of a process', async () => {
  threads.look(async, none);
  await tick(100);
  const { counters } = control;
  control.counters = undefined;
  now = 100.05;
  threads.tick();
  now = 100.9;
  threads.tick();
  assert.equal(threads.asking, true, 'no second question while the first waits');
  assert.deepEqual(await tick(101.1), ['async 1 used 2.5 s, 64000000 bytes'], 'it is there');
  for (const asked of [101.15, 102.35, 103.55]) {
    now = asked;
    threads.tick();
    assert.deepEqual(await tick(asked + 1.05), ['async 1 used 2.5 s, 64000000 bytes']);
  }
  control.counters = counters;
  assert.deepEqual(await tick(104.75), ['async 1 counted by 11: busy 5 at 104.75']);
});

/** Until the question that was given up has ended. */
async function untilIdle(): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (threads.asking) {
    limit.throwIfAborted();
    await new Promise(resolve => setImmediate(resolve));
  }
}

for (const [what, body, status] of [
  ['answers something else', '{"pid":"11"}', 200],
  ['answers no JSON', 'no', 200],
  ['answers with an error', '{}', 500],
  ['answers without end', 'x'.repeat(300_000), 200],
] as const) {
  test(`of a process that ${what} nothing is known, and it is not gone`, async () => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    threads = controlThreads(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    threads.look(async, async);
    threads.tick();
    await untilIdle();
    assert.deepEqual(heard, [], 'what it uses is not known');
    now = 100.05;
    threads.tick();
    assert.equal(threads.asking, true);
    await untilIdle();
    assert.deepEqual(heard, []);
    threads.close();
    server.close();
    server.closeAllConnections();
  });
}

test('who is looked at no longer is not heard any more', async () => {
  threads.look(async, none);
  threads.tick();
  threads.look(none, none);
  assert.equal(threads.asking, false);
  threads.tick();
  assert.deepEqual(heard, []);
});

test('a host that has no address holds nothing up', async () => {
  threads = controlThreads('http://nowhere.invalid:10001', control.url);
  threads.look(async, async);
  await tick(100);
  const counted = 'async 2 counted by 11: busy 5 at 100.05';
  const first = await tick(100.05);
  // That the first is gone may be heard before it or after it.
  assert.ok(first.includes(counted) || (await tick(100.05)).includes(counted));
});
