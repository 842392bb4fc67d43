/** Every topology at once, as a client meets them: through nginx. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { routes } from '../../../model/contract/contract.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { listControls, listEndpoints } from '../../../model/stack-plan.ts';
import { topologyNames } from '../../../model/topology.ts';
import type { ProcessCounters } from '../../../model/wire.ts';
import { assertAlike, send } from '../../../services/testdata/alike.ts';
import { type OddRequest, oddBytes, oddRequests } from '../../../services/testdata/malformed.ts';
import { sendRawAndListen } from '../../../services/testdata/raw-request.ts';
import { checkContract } from '../../run/reference-service.ts';
import { postgresProcesses, startPostgres, stopPostgres } from './postgres.ts';
import { signalAll } from './processes.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';
import { SteadyLoad, type TimedAnswer } from './testdata/steady-load.ts';
import { startTemporaryStack } from './testdata/temporary-stack.ts';

/** 600 a route to each topology, a sixth of them as bare bytes. */
const REQUESTS = { rounds: 20, atOnce: 25, seed: 11 };
const BYTES = { rounds: 1, atOnce: 100, seed: 11 };
/** Nothing may hang: a test of one route ends within this. */
const LIMIT_MS = 60_000;
/** For so long Postgres is away. */
const AWAY_MS = 2500;
/** Within this everything is served after Postgres is back. */
const BACK_MS = 2000;
/** From being picked up to the answer that the database is away. */
const VERDICT_MS = 1000;
/** Clients that leave: requests at once, milliseconds that each takes, and that each client waits. */
const IMPATIENT = { requests: 40, work: 1000, patience: 1500 };

const main = topologyNames.map(name => deploymentOf(name, 2));
/** An event loop that serves two requests at a time. */
const narrow = deploymentOf('async', 1, { databaseConnections: 2 });
const clients = new Agent({ connections: REQUESTS.atOnce, pipelining: 1, headersTimeout: 5000, bodyTimeout: 5000 });
let stack: LocalStack;
let endpoints: readonly LocalEndpoint[];
let processes: number[];

before(async () => {
  stack = await startTemporaryStack([...main, narrow]);
  endpoints = stack.endpoints.filter(({ deployment }) => deployment !== narrow);
  processes = stack.endpoints.flatMap(endpoint => endpoint.pids());
});

after(async () => {
  await clients.destroy();
  await stack.stop();
});

test('every topology honours the service contract', async () => {
  assert.deepEqual(await checkContract(endpoints, AbortSignal.timeout(LIMIT_MS)), []);
});

for (const { name } of Object.values(routes)) {
  test(`odd requests and bytes to ${name} are answered, and alike by every topology`, {
    timeout: LIMIT_MS,
  }, async () => {
    const ask = ({ url }: LocalEndpoint, odd: OddRequest) => send(url, odd, clients);
    await assertAlike(endpoints, oddRequests(name), REQUESTS, ask);
    const write = ({ url }: LocalEndpoint, bytes: Buffer) => sendRawAndListen(Number(new URL(url).port), bytes);
    await assertAlike(endpoints, oddBytes(name), BYTES, write);
  });
}

for (const name of ['sync-2x1-2', 'async-1x1-2']) {
  test(`${name} does no more than it began with before its clients left`, async () => {
    const endpoint = stack.endpoints.find(({ planned }) => planned.id === name);
    assert.ok(endpoint);
    const { requests, work, patience } = IMPATIENT;
    const before = await countCompleted(endpoint);
    const agent = new Agent({ connections: requests });
    const load = Array.from({ length: requests }, async () => {
      const signal = AbortSignal.timeout(patience);
      const { body } = await request(`${endpoint.url}/wait?ms=${work}`, { dispatcher: agent, signal });
      await body.dump();
    });
    const answered = (await Promise.allSettled(load)).filter(({ status }) => status === 'fulfilled').length;
    await agent.destroy();
    // Each waits behind what its worker has accepted before, and there is only one for each worker.
    const last = listEndpoints(endpoint.planned).map(address => request(`http://${address}/wait?ms=${work}`));
    for (const { body } of await Promise.all(last)) await body.dump();
    const completed = (await countCompleted(endpoint)) - before - last.length;
    // Two at a time, for as long as the clients wait; what was begun then is finished.
    assert.ok(answered >= 1 && answered <= completed && completed <= 6, `${answered} answered, ${completed} completed`);
  });
}

test('every topology survives that Postgres is stopped and started again', async context => {
  const { postgres: folder } = stack.folder;
  const port = Number(new URL(stack.databaseUrl).port);
  await assertSurvived(context, {
    leave: () => stopPostgres(folder),
    comeBack: () => startPostgres({ folder, port, maxConnections: 300 }),
  });
});

test('every topology survives that Postgres is paused and resumed', async context => {
  const { postgres: folder } = stack.folder;
  await assertSurvived(context, {
    leave: () => {
      signalAll(postgresProcesses(folder), 'SIGSTOP');
      // The first process, which starts all others, is paused by now: these are all.
      signalAll(postgresProcesses(folder), 'SIGSTOP');
    },
    comeBack: () => signalAll(postgresProcesses(folder), 'SIGCONT'),
  });
});

test('every process is still the one that was started, and has no mistake of its own in its log', async () => {
  // Processes that share a port were started by one more.
  const counts = stack.endpoints.map(
    ({ deployment: { spec, processes: own } }) => own + (spec.listen === 'replica' ? 1 : 0),
  );
  assert.equal(
    processes.length,
    counts.reduce((sum, count) => sum + count, 0),
  );
  assert.deepEqual(
    stack.endpoints.flatMap(endpoint => endpoint.pids()),
    processes,
  );
  for (const file of await readdir(stack.folder.logs)) {
    assert.doesNotMatch(await readFile(join(stack.folder.logs, file), 'utf8'), /request-failed|"level":"error"/, file);
  }
});

/** What clients meet under load when Postgres goes away and comes back. */
async function assertSurvived(
  context: TestContext,
  { leave, comeBack }: { leave(): unknown; comeBack(): unknown },
): Promise<void> {
  const load = new SteadyLoad(endpoints);
  await pause(500);
  await leave();
  const left = performance.now();
  await pause(AWAY_MS);
  const returning = performance.now();
  await comeBack();
  const back = performance.now();
  await pause(BACK_MS + 1000);
  await load.stop();
  for (const topology of topologyNames) {
    const answers = load.answers.filter(answer => answer.topology === topology);
    const plain = answers.filter(({ path }) => path === '/plain');
    const reads = answers.filter(({ path }) => path !== '/plain');
    const refused = reads.filter(({ status }) => status !== 200);
    const whileAway = reads.filter(({ sent, ended }) => sent > left && ended < returning);
    const afterwards = reads.filter(({ sent }) => sent > back + BACK_MS);
    const longest = Math.max(...refused.map(({ inWorkerMs }) => inWorkerMs));
    context.diagnostic(`${topology}: ${refused.length} refused, the longest after ${longest.toFixed(0)} ms`);
    assert.ok(plain.length > 20 && whileAway.length > 15 && afterwards.length > 10, `${topology} was hardly asked`);
    assertAll(plain, ({ status }) => status === 200);
    assertAll(whileAway, ({ status }) => status === 503);
    assertAll(refused, ({ status, retryAfter }) => status === 503 && retryAfter === '1');
    assertAll(refused, ({ inWorkerMs }) => inWorkerMs <= VERDICT_MS);
    assertAll(afterwards, ({ status }) => status === 200);
  }
}

function assertAll(answers: readonly TimedAnswer[], holds: (answer: TimedAnswer) => boolean): void {
  const others = answers.filter(answer => !holds(answer));
  assert.deepEqual(others, [], String(holds));
}

async function countCompleted({ planned }: LocalEndpoint): Promise<number> {
  const counters = await Promise.all(
    listControls(planned).map(async url => (await (await fetch(`${url}/counters`)).json()) as ProcessCounters),
  );
  return counters.flatMap(({ workers }) => workers).reduce((sum, { completed }) => sum + completed, 0);
}
