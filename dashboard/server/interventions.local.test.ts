/** Interventions in a real stack of all topologies. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { LocalStack } from '../../lab/runtimes/local/stack.ts';
import { startTemporaryStack } from '../../lab/runtimes/local/testdata/temporary-stack.ts';
import { deploymentOf } from '../../model/deployment.ts';
import { listControls } from '../../model/stack-plan.ts';
import { topologyNames } from '../../model/topology.ts';
import type { ProcessCounters } from '../../model/wire.ts';
import type { DeploymentId } from '../protocol.ts';
import type { LiveStack } from './config.ts';
import { StackInterventions } from './interventions.ts';

const LOOK_EVERY_MS = 20;
/** Seconds. */
const AWAY = 1;

let running: LocalStack;
let stack: LiveStack;
let interventions: StackInterventions;

before(async () => {
  const sizes = (name: string) => (/threads/.test(name) ? { threadsPerProcess: 3 } : {});
  running = await startTemporaryStack(topologyNames.map(name => deploymentOf(name, 2, sizes(name))));
  stack = {
    deployments: running.endpoints.map(({ deployment, url, planned }) => ({
      id: deployment.topology,
      deployment,
      target: url,
      nginxPort: Number(new URL(url).port),
      controls: listControls(planned),
    })),
    requestLog: join(running.folder.nginx, 'live.log'),
    databaseUrl: running.databaseUrl,
  };
  interventions = new StackInterventions(stack);
});

after(async () => {
  await running.stop();
});

test("a deployment's ceiling is shared out over its processes, as far as Postgres has room", async () => {
  await interventions.limitConnections('hybrid', 5);
  assert.deepEqual(await fetchConnections('hybrid'), [3, 2]);
  await interventions.limitConnections('hybrid', 61);
  assert.deepEqual(await fetchConnections('hybrid'), [31, 30]);
  await assert.rejects(interventions.limitConnections('hybrid', 200), { name: 'Refusal', status: 400 });
  await interventions.limitConnections('hybrid');
  assert.deepEqual(await fetchConnections('hybrid'), [20, 20]);
});

test('a worker that is ended is started again, and gets its share of the ceiling again', async () => {
  for (const { id, deployment } of stack.deployments) {
    const before = await fetchProcesses(id);
    await interventions.endWorker(id, `${id}-${deployment.processes}.${deployment.threadsPerProcess}`);
    const now = await find(async () => {
      const processes = await fetchProcesses(id).catch(() => []);
      return processes.at(-1)?.ready && processes.at(-1)?.pid !== before.at(-1)?.pid ? processes : undefined;
    });
    const others = (processes: readonly ProcessCounters[]) => processes.slice(0, -1).map(({ pid }) => pid);
    assert.deepEqual(others(now), others(before), id);
  }
  await interventions.limitConnections('hybrid', 10);
  await interventions.endWorker('hybrid', 'hybrid-1.1');
  await find(async () => ((await fetchConnections('hybrid').catch(() => []))[0] === 20 ? true : undefined));
  await interventions.repeatLimit('hybrid');
  assert.deepEqual(await fetchConnections('hybrid'), [5, 5]);
  await interventions.limitConnections('hybrid');
});

test('a database that was taken away by a dashboard that was killed is given back by the next', async () => {
  await interventions.takeDatabaseAway(30);
  await assert.rejects(connect(), /not currently accepting connections/);
  await new StackInterventions(stack).restoreDatabase();
  await connect('SELECT pg_sleep(0.2)');
});

test('the database is away for as long as it was asked to be', async () => {
  const backAt = performance.now() + AWAY * 1000;
  const { back } = await interventions.takeDatabaseAway(AWAY);
  await assert.rejects(connect(), /not currently accepting connections/);
  await back;
  assert.ok(performance.now() >= backAt);
  await connect();
});

async function connect(statement = 'SELECT 1'): Promise<void> {
  const client = new Client({ connectionString: stack.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Looks until something is found; the time limit of the test ends a wait in vain. */
async function find<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
}

function fetchProcesses(id: DeploymentId): Promise<ProcessCounters[]> {
  const { controls = [] } = stack.deployments.find(other => other.id === id) ?? {};
  return Promise.all(
    controls.map(async control => (await (await fetch(`${control}/counters`)).json()) as ProcessCounters),
  );
}

/** Of each process. */
async function fetchConnections(id: DeploymentId): Promise<number[]> {
  return (await fetchProcesses(id)).map(({ workers }) =>
    workers.reduce((sum, { databaseConnections }) => sum + databaseConnections, 0),
  );
}
