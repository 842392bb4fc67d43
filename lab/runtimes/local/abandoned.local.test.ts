/** An overload whose clients leave: how much of it the workers still do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Agent, request } from 'undici';
import { deploymentOf } from '../../../model/deployment.ts';
import { controlsOf, endpointsOf } from '../../../model/stack-plan.ts';
import type { ProcessCounters } from '../../../model/wire.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';
import { startTemporaryStack } from './testdata/temporary-stack.ts';

/** At once to each topology. */
const REQUESTS = 40;
/** Milliseconds that each request takes, and that each client waits. */
const WORK = 1000;
const PATIENCE = 1500;
const topologies = [deploymentOf('sync', 2), deploymentOf('threads', 1, { threadsPerProcess: 2 })];
const eventLoops = [
  deploymentOf('async', 1, { databaseConnections: 2 }),
  deploymentOf('async-express', 1, { databaseConnections: 2 }),
];

let stack: LocalStack;

before(async () => {
  stack = await startTemporaryStack([...topologies, ...eventLoops]);
});

after(async () => {
  await stack.stop();
});

for (const { topology } of [...topologies, ...eventLoops]) {
  test(`${topology} does no more than it began with before its clients left`, async () => {
    const endpoint = stack.endpoints.find(({ deployment }) => deployment.topology === topology);
    assert.ok(endpoint);
    const before = await completedBy(endpoint);
    const agent = new Agent({ connections: REQUESTS });
    const load = Array.from({ length: REQUESTS }, () => leaveEarly(`${endpoint.url}/wait?ms=${WORK}`, agent));
    const answered = (await Promise.all(load)).filter(Boolean).length;
    await agent.destroy();
    // Each waits behind what its worker has accepted before, and there is only one for each worker.
    const last = endpointsOf(endpoint.planned).map(address => request(`http://${address}/wait?ms=${WORK}`));
    for (const { body } of await Promise.all(last)) await body.dump();
    const completed = (await completedBy(endpoint)) - before - last.length;
    // Two at a time, for as long as the clients wait; what was begun then is finished.
    assert.ok(answered >= 1 && answered <= completed && completed <= 6, `${answered} answered, ${completed} completed`);
  });
}

async function leaveEarly(url: string, dispatcher: Agent): Promise<boolean> {
  try {
    const { body } = await request(url, { dispatcher, signal: AbortSignal.timeout(PATIENCE) });
    await body.dump();
    return true;
  } catch {
    return false;
  }
}

async function completedBy({ planned }: LocalEndpoint): Promise<number> {
  const processes = await Promise.all(
    controlsOf(planned).map(async url => {
      const answer = await fetch(`${url}/counters`);
      return (await answer.json()) as ProcessCounters;
    }),
  );
  return processes.flatMap(({ workers }) => workers).reduce((sum, { completed }) => sum + completed, 0);
}
