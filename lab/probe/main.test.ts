import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { ToProbe } from './main.ts';

/** Starts the program, and gives what it tells, line by line. */
function startProbe(t: TestContext) {
  const probe = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => probe.kill());
  const lines = createInterface({ input: probe.stdout })[Symbol.asyncIterator]();
  return {
    probe,
    tell: (message: ToProbe) => probe.stdin.write(`${JSON.stringify(message)}\n`),
    hear: async () => JSON.parse(String((await lines.next()).value)),
  };
}

test('a probe survives a report that is cut in half and one that is no JSON', async t => {
  const { tell, hear } = startProbe(t);
  const { reports } = await hear();

  const half = connect(Number(new URL(reports).port), '127.0.0.1').resume();
  half.end('POST / HTTP/1.1\r\nhost: probe\r\ncontent-length: 100\r\n\r\n{"source":');
  await once(half, 'close');
  const post = (body: string) => fetch(reports, { method: 'POST', body });
  assert.equal((await post('{')).status, 400);

  const answer = post('{"source":1}');
  const { report, body } = await hear();
  assert.deepEqual(body, { source: 1 });
  tell({ report, orders: { stop: true } });
  assert.deepEqual(await (await answer).json(), { stop: true });
});

test('a probe answers what it is asked and nothing else, and ends with its input', async t => {
  const { probe, tell, hear } = startProbe(t);
  await hear();
  tell({ id: 1, query: { machine: true, usage: { test: { pids: [process.pid] } }, sessions: true } });
  const { id, sample } = await hear();
  assert.equal(id, 1);
  assert.ok(sample.machine.busy > 0 && sample.machine.busy < sample.machine.total, JSON.stringify(sample.machine));
  assert.ok(sample.usage.test.cpu > 0 && sample.usage.test.memory === undefined, JSON.stringify(sample.usage));
  assert.equal(sample.sessions, null, 'it knows no database');
  assert.equal(sample.counters, undefined);

  tell({ id: 2, query: { controls: ['http://127.0.0.1:1'] } });
  assert.deepEqual(await hear(), {
    id: 2,
    failure: 'A control thread is silent: http://127.0.0.1:1 refused the connection.',
  });
  probe.stdin.end();
  assert.deepEqual(await once(probe, 'exit'), [0, null]);
});
