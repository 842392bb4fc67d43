import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiAt } from './figures.ts';

test('an engine is asked over its socket', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-engine-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'engine.sock');
  const engine = createServer((request, response) => response.end(`asked for ${request.url}`)).listen(socket);
  t.after(() => engine.close());
  await once(engine, 'listening');
  const api = apiAt(`unix://${socket}`);
  t.after(() => api.destroy());
  const { body } = await api.request({ method: 'GET', path: '/info' });
  assert.equal(await body.text(), 'asked for /info');
});

for (const host of ['tcp://127.0.0.1:2376', 'npipe:////./pipe/docker_engine', 'ssh://user@elsewhere']) {
  test(`an engine at ${host} is refused`, () => assert.throws(() => apiAt(host), { code: 'engine-missing' }));
}
