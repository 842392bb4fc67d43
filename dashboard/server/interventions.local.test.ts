/** What is done to a real stack of all deployments under a small load. */

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
import type { ProcessCounters, WorkerCounters } from '../../model/wire.ts';
import type { DeploymentId } from '../protocol.ts';
import { createInterventions, type StackInterventions } from './interventions.ts';
import { type LiveStack, Refusal } from './parts.ts';

/** From being picked up by a worker to the answer that the database is away: what connecting may take, on a busy machine. */
const DECISION_MS = limits.database.connect * 1000 + 500;
/** After the database is back, everything is served within this. */
const BACK_MS = 1000;
const LOOK_EVERY_MS = 20;
/** Seconds. */
const AWAY = 3;

let running: LocalStack;
let stack: LiveStack;
let interventions: StackInterventions;

before(async () => {
  running = await startTemporaryStack(topologyNames.map(name => deploymentOf(name, 2, threadsOf(name))));
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
  interventions = createInterventions(stack);
});

after(async () => {
  await running.stop();
});

function threadsOf(id: DeploymentId): { threadsPerProcess?: number } {
  return id === 'threads' || id === 'sync-threads' ? { threadsPerProcess: 3 } : {};
}

test("a deployment's ceiling is shared out over its processes, and taken back", async () => {
  await interventions.limitConnections('hybrid', 5);
  assert.deepEqual(await connectionsOf('hybrid'), [3, 2]);
  await interventions.limitConnections('async', 10);
  assert.deepEqual(await connectionsOf('async'), [10]);
  await interventions.limitConnections('hybrid', 61);
  assert.deepEqual(await connectionsOf('hybrid'), [31, 30]);
  await interventions.limitConnections('hybrid', undefined);
  await interventions.limitConnections('async', 40);
  assert.deepEqual(await connectionsOf('hybrid'), [20, 20]);
  assert.deepEqual(await connectionsOf('async'), [40]);
});

test('a ceiling that cannot be is refused with its reason, and nothing changes', async () => {
  const cases: [DeploymentId, number, RegExp][] = [
    ['hybrid', 1, /hybrid has 2 workers and only 1 database connections/],
    ['hybrid', 0, /not a whole number from 1/],
    ['hybrid', 2.5, /not a whole number from 1/],
    ['hybrid', 201, /200 database connections at most/],
    ['sync', 5, /sync can use one database connection for each request that it serves at once: 2, not 5/],
    ['threads', 2, /threads has 3 workers/],
    ['hybrid', 200, /^200 database connections are too many: Postgres has room for \d+ of hybrid beside the \d+/],
  ];
  for (const [id, connections, why] of cases) {
    await assertRefused(interventions.limitConnections(id, connections), 400, why);
  }
  assert.deepEqual(await connectionsOf('hybrid'), [20, 20]);
  assert.deepEqual(await connectionsOf('sync'), [1, 1]);
});

test("a worker's process ends and is started again, and its share of a lower ceiling is given to it again", async () => {
  for (const id of topologyNames) {
    const { deployment } = deploymentFor(id);
    const last = `${id}-${deployment.processes}.${deployment.threadsPerProcess}`;
    const before = await processesOf(id);
    await interventions.endWorker(id, last);
    const ended = before.at(-1)?.pid;
    const now = await until(async () => {
      const processes = await processesOf(id).catch(() => []);
      return processes.at(-1)?.ready && processes.at(-1)?.pid !== ended ? processes : undefined;
    });
    assert.deepEqual(
      now.slice(0, -1).map(({ pid }) => pid),
      before.slice(0, -1).map(({ pid }) => pid),
    );
  }
  await interventions.limitConnections('hybrid', 10);
  await interventions.endWorker('hybrid', 'hybrid-1.1');
  await until(async () => ((await connectionsOf('hybrid').catch(() => []))[0] === 20 ? true : undefined));
  await interventions.workerBack('hybrid');
  assert.deepEqual(await connectionsOf('hybrid'), [5, 5]);
  await interventions.limitConnections('hybrid', undefined);
  await interventions.workerBack('hybrid');
  assert.deepEqual(await connectionsOf('hybrid'), [20, 20]);
});

test('a worker that there is not, or whose process is gone already, is not ended', async () => {
  await assertRefused(interventions.endWorker('hybrid', 'hybrid-3.1'), 404, /no worker hybrid-3\.1/);
  await assertRefused(interventions.endWorker('hybrid', 'sync-1.1'), 404, /no worker sync-1\.1/);
  const gone = createInterventions({
    ...stack,
    deployments: [{ ...deploymentFor('async'), controls: ['http://127.0.0.1:1'] }],
  });
  await assertRefused(gone.endWorker('async', 'async-1.1'), 409, /does not answer/);
});

test('every id survives that the database is taken away for 3 s, and is back at once', async context => {
  const processes = await pids();
  await assertSurvived(context);
  assert.deepEqual(await pids(), processes);
});

test('a database that was taken away by one that is gone is given back by the next', async () => {
  await interventions.takeDatabaseAway(30);
  await assert.rejects(connect(), /not currently accepting connections/);
  const next = createInterventions(stack);
  const start = performance.now();
  await next.restore();
  await connect();
  assert.ok(performance.now() - start < 5000);
  // Nobody ends sessions any more.
  const session = new Client({ connectionString: stack.databaseUrl });
  await session.connect();
  await session.query('SELECT pg_sleep(0.2)');
  await session.end();
});

test('a database is not taken away for longer than 30 s', async () => {
  for (const seconds of [0, -1, 31, Number.NaN]) {
    await assertRefused(interventions.takeDatabaseAway(seconds), 400, /30 s at most/);
  }
  await connect();
});

/** Sends a small load to every deployment, from before the database goes until it is back. */
async function assertSurvived(context: TestContext): Promise<void> {
  const load = new SteadyLoad(running.endpoints);
  let left: number;
  let backAt: number;
  let returned: number;
  try {
    await until(async () => (load.answers.length > 150 ? true : undefined));
    // Not before.
    backAt = performance.now() + AWAY * 1000;
    await interventions.takeDatabaseAway(AWAY);
    left = performance.now();
    await assert.rejects(connect(), /not currently accepting connections/);
    await assertRefused(interventions.takeDatabaseAway(AWAY), 409, /away already/);
    await databaseIsBack();
    returned = performance.now();
    assert.ok(returned >= backAt, `back ${backAt - returned} ms too early`);
    await pause(2 * BACK_MS);
  } finally {
    await load.stop();
  }
  context.diagnostic(`away for ${((returned - left) / 1000).toFixed(2)} s`);

  for (const id of topologyNames) {
    const answers = load.answers.filter(({ topology }) => topology === id);
    const plain = answers.filter(({ path }) => path === '/plain');
    const reads = answers.filter(({ path }) => path !== '/plain');
    const refused = reads.filter(({ status }) => status !== 200);
    const whileAway = reads.filter(({ sent, ended }) => sent > left && ended < backAt);
    const afterwards = reads.filter(({ sent }) => sent > returned + BACK_MS);
    const longest = Math.max(...refused.map(({ inWorkerMs }) => inWorkerMs));
    const last = Math.max(...refused.map(({ ended }) => ended)) - returned;
    context.diagnostic(
      `${id}: ${refused.length} refused, the longest after ${longest.toFixed(0)} ms, the last ${last.toFixed(0)} ms after it was back`,
    );
    assert.ok(whileAway.length > 10 && afterwards.length > 5, `${id} was hardly asked`);
    assertAll(plain, ({ status }) => status === 200);
    assertAll(whileAway, ({ status }) => status === 503);
    assertAll(refused, ({ status, retryAfter }) => status === 503 && retryAfter === '1');
    assertAll(refused, ({ inWorkerMs }) => inWorkerMs <= DECISION_MS);
    assertAll(afterwards, ({ status }) => status === 200);
  }
  for (const file of await readdir(running.folder.logs)) {
    assert.doesNotMatch(await readFile(join(running.folder.logs, file), 'utf8'), /"level":"error"/, file);
  }
}

/** Resolves as soon as somebody can connect again. */
async function databaseIsBack(): Promise<void> {
  await until(() =>
    connect().then(
      () => true as const,
      () => undefined,
    ),
  );
}

async function connect(): Promise<void> {
  const client = new Client({ connectionString: stack.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}

/** What `look` finds, as soon as it finds something; the test's own time limit ends a wait in vain. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
}

function deploymentFor(id: DeploymentId): LiveStack['deployments'][number] {
  const found = stack.deployments.find(other => other.id === id);
  assert.ok(found);
  return found;
}

function processesOf(id: DeploymentId): Promise<ProcessCounters[]> {
  return Promise.all(
    deploymentFor(id).controls.map(
      async control => (await (await fetch(`${control}/counters`)).json()) as ProcessCounters,
    ),
  );
}

/** Of each process. */
async function connectionsOf(id: DeploymentId): Promise<number[]> {
  const sum = (workers: readonly WorkerCounters[]) =>
    workers.reduce((connections, { databaseConnections }) => connections + databaseConnections, 0);
  return (await processesOf(id)).map(({ workers }) => sum(workers));
}

async function pids(): Promise<number[]> {
  const processes = await Promise.all(topologyNames.map(processesOf));
  return processes.flat().map(({ pid }) => pid);
}

async function assertRefused(what: Promise<unknown>, status: number, why: RegExp): Promise<void> {
  await assert.rejects(what, (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.status, status, error.message);
    assert.match(error.message, why);
    return true;
  });
}

function assertAll(answers: readonly TimedAnswer[], holds: (answer: TimedAnswer) => boolean): void {
  assert.deepEqual(
    answers.filter(answer => !holds(answer)),
    [],
    String(holds),
  );
}
