/** What clients of every topology meet, through nginx, when Postgres goes away under load and comes back. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { processesIn, startPostgres, stopPostgres } from './postgres.ts';
import { signalAll } from './processes.ts';
import type { LocalStack } from './stack.ts';
import { SteadyLoad, type TimedAnswer } from './testdata/steady-load.ts';
import { startTemporaryStack } from './testdata/temporary-stack.ts';

/** After Postgres is back, everything is served within this; and for as long again it is looked at. */
const BACK_MS = 2000;
/** From being picked up to the answer that the database is away. */
const VERDICT_MS = 1000;

let stack: LocalStack;

before(async () => {
  stack = await startTemporaryStack(topologyNames.map(name => deploymentOf(name, 2)));
});

after(async () => {
  await stack.stop();
});

test('every topology survives that Postgres is stopped and started again', async context => {
  const { postgres: folder } = stack.folder;
  const port = Number(new URL(stack.databaseUrl).port);
  await assertSurvived(context, {
    awayMs: 3000,
    leave: () => stopPostgres(folder),
    comeBack: () => startPostgres({ folder, port, maxConnections: 300 }),
  });
});

test('every topology survives that Postgres is paused and resumed', async context => {
  const { postgres: folder } = stack.folder;
  await assertSurvived(context, {
    awayMs: 5000,
    leave: () => {
      signalAll(processesIn(folder), 'SIGSTOP');
      // The first process, which starts all others, is paused by now: these are all.
      signalAll(processesIn(folder), 'SIGSTOP');
    },
    comeBack: () => signalAll(processesIn(folder), 'SIGCONT'),
  });
});

interface Outage {
  readonly awayMs: number;
  leave(): unknown;
  comeBack(): unknown;
}

async function assertSurvived(context: TestContext, { awayMs, leave, comeBack }: Outage): Promise<void> {
  const processes = stack.endpoints.map(endpoint => endpoint.pids());
  const load = new SteadyLoad(stack.endpoints);
  await pause(1000);
  await leave();
  const left = performance.now();
  await pause(awayMs);
  const returning = performance.now();
  await comeBack();
  const back = performance.now();
  await pause(2 * BACK_MS);
  await load.stop();

  for (const topology of topologyNames) {
    const answers = load.answers.filter(answer => answer.topology === topology);
    const plain = answers.filter(({ path }) => path === '/plain');
    const reads = answers.filter(({ path }) => path !== '/plain');
    const refused = reads.filter(({ status }) => status !== 200);
    const whileAway = reads.filter(({ sent, ended }) => sent > left && ended < returning);
    const afterwards = reads.filter(({ sent }) => sent > back + BACK_MS);
    const lastRefusal = Math.max(...refused.map(({ ended }) => ended)) - back;
    const longest = Math.max(...refused.map(({ inWorkerMs }) => inWorkerMs));
    context.diagnostic(
      `${topology}: ${refused.length} refused, the longest after ${longest.toFixed(0)} ms, ` +
        `the last ${lastRefusal.toFixed(0)} ms after Postgres was back`,
    );
    assert.ok(plain.length > 30 && whileAway.length > 40 && afterwards.length > 30, `${topology} was hardly asked`);
    assertAll(plain, ({ status }) => status === 200);
    assertAll(whileAway, ({ status }) => status === 503);
    assertAll(refused, ({ status, retryAfter }) => status === 503 && retryAfter === '1');
    assertAll(refused, ({ inWorkerMs }) => inWorkerMs <= VERDICT_MS);
    assertAll(afterwards, ({ status }) => status === 200);
  }
  assert.deepEqual(
    stack.endpoints.map(endpoint => endpoint.pids()),
    processes,
  );
  for (const file of await readdir(stack.folder.logs)) {
    assert.doesNotMatch(await readFile(join(stack.folder.logs, file), 'utf8'), /"level":"error"/, file);
  }
}

function assertAll(answers: readonly TimedAnswer[], holds: (answer: TimedAnswer) => boolean): void {
  assert.deepEqual(
    answers.filter(answer => !holds(answer)),
    [],
    String(holds),
  );
}
