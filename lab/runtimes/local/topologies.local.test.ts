/** Every topology at once, as a client meets them: through nginx. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Agent } from 'undici';
import { routes } from '../../../model/contract/contract.ts';
import { type Deployment, deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { assertAlike, send } from '../../../services/testdata/alike.ts';
import { type OddRequest, oddBytes, oddRequests } from '../../../services/testdata/malformed.ts';
import { sendRawAndListen } from '../../../services/testdata/raw-request.ts';
import { checkContract } from '../../run/reference-service.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';
import { startTemporaryStack } from './testdata/temporary-stack.ts';

/** 2,000 a route to each topology, a quarter of them as bare bytes. */
const REQUESTS = { rounds: 60, atOnce: 25, seed: 11 };
const BYTES = { rounds: 5, atOnce: 100, seed: 11 };
/** Nothing may hang: a test of one route ends within this. */
const LIMIT_MS = 60_000;

const clients = new Agent({ connections: REQUESTS.atOnce, pipelining: 1, headersTimeout: 5000, bodyTimeout: 5000 });
let stack: LocalStack;
let processes: number[];

before(async () => {
  stack = await startTemporaryStack(topologyNames.map(name => deploymentOf(name, 2)));
  processes = stack.endpoints.flatMap(endpoint => endpoint.pids());
});

after(async () => {
  await clients.destroy();
  await stack.stop();
});

test('every topology honours the service contract', async () => {
  assert.deepEqual(await checkContract(stack.endpoints, AbortSignal.timeout(LIMIT_MS)), []);
});

for (const { name } of Object.values(routes)) {
  test(`odd requests to ${name} are answered, and alike by every topology`, { timeout: LIMIT_MS }, async () => {
    const ask = ({ url }: LocalEndpoint, odd: OddRequest) => send(url, odd, clients);
    await assertAlike(stack.endpoints, oddRequests(name), REQUESTS, ask);
  });

  test(`odd bytes for ${name} are answered or cut off, and alike by every topology`, {
    timeout: LIMIT_MS,
  }, async () => {
    const ask = ({ url }: LocalEndpoint, bytes: Buffer) => sendRawAndListen(Number(new URL(url).port), bytes);
    await assertAlike(stack.endpoints, oddBytes(name), BYTES, ask);
  });
}

test('every process is still the one that was started, and has no mistake of its own in its log', async () => {
  // Those that share a port were started by one more.
  const countOf = ({ spec, processes: own }: Deployment) => own + (spec.listen === 'replica' ? 1 : 0);
  const deployed = stack.endpoints.reduce((sum, { deployment }) => sum + countOf(deployment), 0);
  assert.equal(processes.length, deployed);
  assert.deepEqual(
    stack.endpoints.flatMap(endpoint => endpoint.pids()),
    processes,
  );
  for (const file of await readdir(stack.folder.logs)) {
    assert.doesNotMatch(await readFile(join(stack.folder.logs, file), 'utf8'), /request-failed|"level":"error"/, file);
  }
});
