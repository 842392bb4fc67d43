/** Interventions in a real stack of all topologies. */

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { LocalStack } from '../../lab/runtimes/local/stack.ts';
import { SteadyLoad, type TimedAnswer } from '../../lab/runtimes/local/testdata/steady-load.ts';
import { startTemporaryStack } from '../../lab/runtimes/local/testdata/temporary-stack.ts';
import { deploymentOf } from '../../model/deployment.ts';
import { limits } from '../../model/limits.ts';
import { controlsOf } from '../../model/stack-plan.ts';
import { topologyNames } from '../../model/topology.ts';
import type { ProcessCounters } from '../../model/wire.ts';
import type { DeploymentId } from '../protocol.ts';
import type { LiveStack } from './config.ts';
import { StackInterventions } from './interventions.ts';

/** From a worker's first look at a request to its answer that the database is away, on a busy machine. */
const DECISION_MS = limits.database.connect * 1000 + 500;
/** Everything is served again within this. */
const BACK_MS = 1000;
const LOOK_EVERY_MS = 20;
/** Seconds. */
const AWAY = 3;

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
      controls: controlsOf(planned),
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
  assert.deepEqual(await connectionsOf('hybrid'), [3, 2]);
  await interventions.limitConnections('hybrid', 61);
  assert.deepEqual(await connectionsOf('hybrid'), [31, 30]);
  await assert.rejects(interventions.limitConnections('hybrid', 200), { name: 'Refusal', status: 400 });
  await interventions.limitConnections('hybrid');
  assert.deepEqual(await connectionsOf('hybrid'), [20, 20]);
});

test('a worker that is ended is started again, and gets its share of the ceiling again', async () => {
  for (const { id, deployment } of stack.deployments) {
    const before = await processesOf(id);
    await interventions.endWorker(id, `${id}-${deployment.processes}.${deployment.threadsPerProcess}`);
    const now = await find(async () => {
      const processes = await processesOf(id).catch(() => []);
      return processes.at(-1)?.ready && processes.at(-1)?.pid !== before.at(-1)?.pid ? processes : undefined;
    });
    const others = (processes: readonly ProcessCounters[]) => processes.slice(0, -1).map(({ pid }) => pid);
    assert.deepEqual(others(now), others(before), id);
  }
  await interventions.limitConnections('hybrid', 10);
  await interventions.endWorker('hybrid', 'hybrid-1.1');
  await find(async () => ((await connectionsOf('hybrid').catch(() => []))[0] === 20 ? true : undefined));
  await interventions.repeatLimit('hybrid');
  assert.deepEqual(await connectionsOf('hybrid'), [5, 5]);
  await interventions.limitConnections('hybrid');
});

test('a database that was taken away by a dashboard that was killed is given back by the next', async () => {
  await interventions.takeDatabaseAway(30);
  await assert.rejects(connect(), /not currently accepting connections/);
  await new StackInterventions(stack).restoreDatabase();
  await connect('SELECT pg_sleep(0.2)');
});

test('every topology survives 3 s without its database, and serves again at once', async t => {
  const processes = await pids();
  const load = new SteadyLoad(running.endpoints);
  let [left, backAt, returned] = [0, 0, 0];
  try {
    await find(async () => (load.answers.length > 150 ? true : undefined));
    // No earlier.
    backAt = performance.now() + AWAY * 1000;
    const { back } = await interventions.takeDatabaseAway(AWAY);
    left = performance.now();
    await assert.rejects(connect(), /not currently accepting connections/);
    await back;
    returned = performance.now();
    assert.ok(returned >= backAt, `back ${backAt - returned} ms too early`);
    // This long everything has to go well again.
    await pause(2 * BACK_MS);
  } finally {
    await load.stop();
  }
  for (const id of topologyNames) checkAnswers(t, id, load.answers, { left, backAt, returned });
  for (const file of await readdir(running.folder.logs)) {
    assert.doesNotMatch(await readFile(join(running.folder.logs, file), 'utf8'), /"level":"error"/, file);
  }
  assert.deepEqual(await pids(), processes);
});

/** Checks what clients of one topology got before, while and after the database was away. */
function checkAnswers(
  context: TestContext,
  id: DeploymentId,
  all: readonly TimedAnswer[],
  { left, backAt, returned }: { readonly left: number; readonly backAt: number; readonly returned: number },
): void {
  const answers = all.filter(({ topology }) => topology === id);
  const plain = answers.filter(({ path }) => path === '/plain');
  const reads = answers.filter(({ path }) => path !== '/plain');
  const refused = reads.filter(({ status }) => status !== 200);
  const whileAway = reads.filter(({ sent, ended }) => sent > left && ended < backAt);
  const afterwards = reads.filter(({ sent }) => sent > returned + BACK_MS);
  context.diagnostic(`${id}: ${refused.length} of ${reads.length} refused`);
  assert.ok(whileAway.length > 10 && afterwards.length > 5, `${id} was hardly asked`);
  const expectAll = (some: readonly TimedAnswer[], holds: (answer: TimedAnswer) => boolean) =>
    assert.deepEqual(
      some.filter(answer => !holds(answer)),
      [],
      `${id}: ${holds}`,
    );
  expectAll(plain, ({ status }) => status === 200);
  expectAll(whileAway, ({ status }) => status === 503);
  expectAll(refused, ({ status, retryAfter }) => status === 503 && retryAfter === '1');
  expectAll(refused, ({ inWorkerMs }) => inWorkerMs <= DECISION_MS);
  expectAll(afterwards, ({ status }) => status === 200);
}

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

function processesOf(id: DeploymentId): Promise<ProcessCounters[]> {
  const { controls = [] } = stack.deployments.find(other => other.id === id) ?? {};
  return Promise.all(
    controls.map(async control => (await (await fetch(`${control}/counters`)).json()) as ProcessCounters),
  );
}

/** Of each process. */
async function connectionsOf(id: DeploymentId): Promise<number[]> {
  return (await processesOf(id)).map(({ workers }) =>
    workers.reduce((sum, { databaseConnections }) => sum + databaseConnections, 0),
  );
}

async function pids(): Promise<number[]> {
  const processes = await Promise.all(topologyNames.map(processesOf));
  return processes.flat().map(({ pid }) => pid);
}
