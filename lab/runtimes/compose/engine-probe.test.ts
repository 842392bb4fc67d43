import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Dispatcher } from 'undici';
import { MachineProbe } from '../../probe/probe.ts';
import { apiAt, EngineProbe, usageFromEngine } from './engine-probe.ts';

test('an engine is asked over its socket', async t => {
  const api = await engineAnswering(t, (request, response) => response.end(`asked for ${request.url}`));
  const { body } = await api.request({ method: 'GET', path: '/info' });
  assert.equal(await body.text(), 'asked for /info');
});

const ended: [what: string, status: number, answer: string][] = [
  ['that has been removed', 404, '{"message":"No such container: 1"}'],
  ['that is being removed', 200, ''],
  ['that has ended', 200, '{"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}'],
];
for (const [what, status, answer] of ended) {
  test(`of a container ${what} the engine tells no figures`, async t => {
    const api = await engineAnswering(t, (_, response) => response.writeHead(status).end(answer));
    const { usage } = await new EngineProbe(api, new MachineProbe()).sample({
      usage: { k6: { container: '1', pid: 1 } },
    });
    assert.deepEqual(usage, {});
  });
}

test('the engine tells the same figures, whatever version its kernel has', () => {
  assert.deepEqual(usageFromEngine(statsOf('v1')), {
    cpu: 0.060930254,
    memory: 51_990_528 - 73_728,
    throttled: 0,
  });
  assert.deepEqual(usageFromEngine(statsOf('v2')), {
    cpu: 62.103524,
    memory: 52_006_912 - 2_084_864,
    throttled: 0,
  });
});

for (const host of ['tcp://127.0.0.1:2376', 'npipe:////./pipe/docker_engine', 'ssh://user@elsewhere']) {
  test(`an engine at ${host} is refused`, () => assert.throws(() => apiAt(host), { code: 'engine-missing' }));
}

/** The API of an engine on a socket of its own. */
async function engineAnswering(t: TestContext, answer: RequestListener): Promise<Dispatcher> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-engine-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'engine.sock');
  const engine = createServer(answer).listen(socket);
  t.after(() => engine.close());
  await once(engine, 'listening');
  const api = apiAt(`unix://${socket}`);
  t.after(() => api.destroy());
  return api;
}

/** What an engine on control groups of this version answered. */
function statsOf(version: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'testdata', `engine-stats-${version}.json`), 'utf8'));
}
