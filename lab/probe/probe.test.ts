import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { MachineProbe } from './probe.ts';
import { ControlThread } from './testdata/control-thread.ts';
import { processCounters, workerCounters } from './testdata/counters.ts';

let probe: MachineProbe;
let first: ControlThread;
let second: ControlThread;

beforeEach(async () => {
  probe = new MachineProbe();
  first = await ControlThread.open();
  first.counters = processCounters(11, workerCounters('hybrid-1.1', { completed: 5 }));
  second = await ControlThread.open();
  second.counters = processCounters(12, workerCounters('hybrid-2.1', { completed: 7 }));
});

afterEach(async () => {
  await probe.close();
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

test('control threads are asked over connections that are kept, and told in the order of the query', async () => {
  const controls = [second.url, first.url];
  const { counters } = await probe.sample({ controls });
  assert.deepEqual(counters, [second.counters, first.counters]);
  await probe.sample({ controls });
  assert.deepEqual([first.connections, second.connections], [1, 1]);
});

test('two queries at once ask a control thread one after the other', async () => {
  const samples = await Promise.all([probe.sample({ controls: [first.url] }), probe.sample({ controls: [first.url] })]);
  assert.deepEqual(
    samples.map(({ counters }) => counters),
    [[first.counters], [first.counters]],
  );
  assert.equal(first.connections, 1);
});

test('a control thread that refuses the connection is named, and the others can be asked on', async () => {
  const gone = second.url;
  await second[Symbol.asyncDispose]();
  await assert.rejects(probe.sample({ controls: [first.url, gone] }), {
    code: 'workers-failed',
    message: `A control thread is silent: ${gone} refused the connection.`,
  });
  const { counters } = await probe.sample({ controls: [first.url] });
  assert.deepEqual(counters, [first.counters]);
  second = await ControlThread.open();
});

test('a query ends with its probe, also when a control thread does not answer', async () => {
  first.counters = undefined;
  const sampled = probe.sample({ controls: [first.url] });
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  first.onAsked = () => resolve();
  await asked;
  await probe.close();
  await assert.rejects(sampled, { code: 'workers-failed' });
});

test('nothing is read that was not asked for', async () => {
  const sample = await probe.sample({});
  assert.deepEqual(Object.keys(sample), ['time']);
});

test('processes are read with their memory only if that is asked for', async () => {
  const usage = { test: { pids: [process.pid] } };
  const { usage: used } = await probe.sample({ usage });
  assert.ok(used?.test && used.test.cpu > 0 && used.test.memory === undefined, JSON.stringify(used));
  const { usage: held } = await probe.sample({ usage, memory: true });
  assert.ok((held?.test?.memory ?? 0) > 10e6, JSON.stringify(held));
});

test('processes that have gone are left out', async () => {
  const { usage } = await probe.sample({ usage: { gone: { pids: [2 ** 22 + 1] } }, memory: true });
  assert.deepEqual(usage, {});
});

test('a container that cannot be seen from here is left out, and its context switches are unknown', async () => {
  const place = { container: '0'.repeat(64), pid: process.pid };
  const { usage, contextSwitches } = await probe.sample({ usage: { nginx: place }, contextSwitches: place });
  assert.deepEqual(usage, {});
  assert.equal(contextSwitches, null);
});
