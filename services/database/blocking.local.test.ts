import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Counters } from '../counters.ts';
import { openBlockingDatabase } from './blocking.ts';
import { DatabaseHealth, watchDatabase } from './health.ts';
import { DatabaseThread, healthMemory } from './testdata/database-thread.ts';
import { TestServer } from './testdata/server.ts';

let server: TestServer;
const memory = healthMemory();
const watch = new AbortController();

before(async () => {
  server = await TestServer.start();
  void watchDatabase(new DatabaseHealth(memory), server.url, watch.signal);
});
after(async () => {
  watch.abort();
  await server[Symbol.asyncDispose]();
});

test('threads of one process wait side by side', async () => {
  const threads = await Promise.all(
    Array.from({ length: 8 }, () => DatabaseThread.start('blocking', server.url, memory)),
  );
  const start = performance.now();
  await Promise.all(threads.map(thread => thread.value('wait', 500)));
  const seconds = (performance.now() - start) / 1000;
  for (const thread of threads) await thread[Symbol.asyncDispose]();
  assert.ok(seconds >= 0.5 && seconds < 1, `${seconds} s`);
});

test('a thread that waits does nothing else', async () => {
  await using thread = await DatabaseThread.start('blocking', server.url, memory);
  const start = performance.now();
  await Promise.all([thread.value('wait', 150), thread.value('wait', 150), thread.value('wait', 150)]);
  assert.ok(performance.now() - start >= 450);
});

test('a late decision and a server that does not answer together take a second at most', async () => {
  // The system accepts the connection; nobody is there to answer on it.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const doubted = healthMemory();
  const late = `import('${new URL('health.ts', import.meta.url)}').then(({ DatabaseHealth }) => {
    const health = new DatabaseHealth(require('node:worker_threads').workerData);
    require('node:worker_threads').parentPort.postMessage('ready');
    setTimeout(() => health.answersAt('127.0.0.1'), 400);
  });`;
  const watcher = new Worker(late, { eval: true, workerData: doubted });
  await once(watcher, 'message');
  const start = performance.now();
  const database = openBlockingDatabase({
    url: `postgres://loadline@127.0.0.1:${port}/postgres`,
    health: new DatabaseHealth(doubted),
    counters: new Counters(new SharedArrayBuffer(Counters.BYTES)),
  });
  const seconds = (performance.now() - start) / 1000;
  database.close();
  silent.close();
  assert.ok(seconds > 0.75 && seconds < 1.05, `${seconds} s`);
});

test("the server's notices and farewells are not written anywhere", async () => {
  const script = new URL('testdata/hear-notices.ts', import.meta.url).pathname;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, server.url]);
  assert.equal(stdout, 'ended\n');
  assert.equal(stderr, '');
});
