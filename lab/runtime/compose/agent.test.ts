import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

test('an agent survives a report that is cut in half and one that is no JSON', async t => {
  const agent = spawn(process.execPath, [join(import.meta.dirname, 'agent.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => agent.kill());
  const said = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
  const { port } = JSON.parse(String((await said.next()).value));

  const half = connect(port, '127.0.0.1').resume();
  half.end('POST / HTTP/1.1\r\nhost: agent\r\ncontent-length: 100\r\n\r\n{"source":');
  await once(half, 'close');
  const post = (body: string) => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  assert.equal((await post('{')).status, 400);

  const answer = post('{"source":1}');
  const { report, body } = JSON.parse(String((await said.next()).value));
  assert.deepEqual(body, { source: 1 });
  agent.stdin.write(`${JSON.stringify({ report, orders: { stop: true } })}\n`);
  assert.deepEqual(await (await answer).json(), { stop: true });
});
