import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { listControls, listEndpoints } from '../../../model/stack-plan.ts';
import { dashboardParts } from './dashboard.ts';
import { areFree } from './ports.ts';
import { signalAll, startedWith } from './processes.ts';
import { type LocalStack, type StackOptions, startStack } from './stack.ts';
import {
  listStackProcesses,
  lockStack,
  readRecord,
  type StackFolder,
  stackFolder,
  stackNames,
  stopAll,
} from './stack-folder.ts';
import { stopWhenInterrupted } from './testdata/interrupted-test.ts';
import { killedAfter } from './testdata/start-stack.ts';

const NOTHING = { nginx: [], pm2: [], postgres: [] };

/** Stands for a checkout in a private home, which no other user may enter. */
let root: string;
let k6: string;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'loadline-home-'));
  await chmod(root, 0o700);
  interrupted = stopWhenInterrupted(removeAll);
  const checkout = join(import.meta.dirname, '../../..');
  ({ k6 } = await dashboardParts({ root: checkout, signal: new AbortController().signal, say: () => undefined }));
});

after(() => removeAll().finally(interrupted.stopped));

async function removeAll(): Promise<void> {
  for (const name of await stackNames(root)) await stopAll(await stackFolder(root, name), AbortSignal.abort());
  await rm(root, { recursive: true, force: true });
}

function options(name: string, changes: Partial<StackOptions> = {}): StackOptions {
  return {
    root,
    name,
    deployments: [deploymentOf('sync', 2), deploymentOf('async', 2, { databaseConnections: 5 })],
    wellKnownPorts: false,
    measuring: true,
    accessLog: false,
    life: 'temporary',
    workerProcesses: 1,
    signal: new AbortController().signal,
    say: () => undefined,
    ...changes,
  };
}

test('two stacks start at the same time, serve each from its own database, and leave nothing behind', async () => {
  // The path of the second is longer than that of a socket may be.
  const names = ['one', 'far-'.padEnd(120, 'away-')] as const;
  const stacks = await Promise.all([startStack(options(names[0])), startStack(options(names[1]))]);
  const [one, two] = stacks;
  for (const stack of stacks) await assertServes(stack);
  assert.notEqual(new URL(one.databaseUrl).port, new URL(two.databaseUrl).port);
  await one.stop();
  await assertGone(one);
  await assertServes(two);
  await assertFollowsProcesses(two);
  await two.stop();
  await assertGone(two);
  assert.deepEqual(readdirSync(join(root, '.loadline/stacks')), []);
});

/** An endpoint knows its processes, also after PM2 has started one again. */
async function assertFollowsProcesses({ endpoints: [sync] }: LocalStack): Promise<void> {
  const [first = 0, second = 0] = sync?.pids() ?? [];
  process.kill(first, 'SIGKILL');
  const now = await until(() => {
    const pids = sync?.pids() ?? [];
    return pids.length === 2 && !pids.includes(first) ? pids : undefined;
  });
  assert.ok(now.includes(second));
}

const moments: [what: string, isReached: (said: readonly string[], folder: StackFolder) => boolean][] = [
  ['before it says anything', () => true],
  ['while Postgres starts', said => said.includes('starting Postgres')],
  ['while Postgres makes its database', (_, folder) => existsSync(join(folder.postgres, 'data-unfinished'))],
  ['while workers start', said => said.includes('starting sync, async')],
  ['while nginx starts', (_, folder) => existsSync(join(folder.nginx, 'nginx.conf'))],
];
for (const [what, isReached] of moments) {
  test(`a start that is interrupted ${what} leaves nothing behind`, async () => {
    const folder = await stackFolder(root, 'interrupted');
    const interruption = new AbortController();
    const reason = new LoadlineError('interrupted', 'Ctrl-C');
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    let isOver = false;
    const starting = startStack(options('interrupted', { signal: interruption.signal, say })).then(
      stack => stack.stop(),
      (error: unknown) => assert.equal(error, reason),
    );
    void starting.finally(() => (isOver = true)).catch(() => undefined);
    await until(() => isOver || isReached(said, folder) || undefined);
    assert.ok(!isOver, 'it was over before that moment');
    interruption.abort(reason);
    await starting;
    assert.deepEqual(listStackProcesses(folder), NOTHING);
    assert.ok(!existsSync(folder.path));
  });
}

for (const line of ['starting async, sync', 'ready']) {
  test(`what a command leaves that is killed after it said "${line}" is found, stopped, and started anew`, async () => {
    const folder = await stackFolder(root, 'killed');
    await killedAfter(line, root, k6);
    const wasUp = line === 'ready';
    assert.equal((await readRecord(folder))?.page?.startsWith('http://127.0.0.1:') ?? false, wasUp);
    if (wasUp) {
      await assert.rejects(startStack(options('killed')), { code: 'stack-running' });
      // k6 is found also when PM2, which started it, has been killed.
      const { pm2 } = listStackProcesses(folder);
      const generator = pm2.find(({ pid }) => startedWith(pid, 'name') === 'k6');
      assert.ok(generator);
      signalAll(
        pm2.filter(one => one !== generator),
        'SIGKILL',
      );
      const left = await until(() => {
        const now = listStackProcesses(folder).pm2;
        return now.length === 1 ? now : undefined;
      });
      assert.equal(left[0]?.pid, generator.pid);
      await stopAll(folder);
      assert.deepEqual(listStackProcesses(folder), NOTHING);
    }
    const stack = await startStack(options('killed'));
    await assertServes(stack);
    await stack.stop();
    await assertGone(stack);
  });
}

test('a stack of another command is left alone, and impossible deployments are refused before anything is made', async () => {
  const folder = await stackFolder(root, 'busy');
  await using lock = await lockStack(folder);
  assert.ok(lock);
  await assert.rejects(startStack(options('busy')), { code: 'stack-running' });
  const impossible = options('impossible', { deployments: [deploymentOf('async', 2, { processes: 3 })] });
  await assert.rejects(startStack(impossible), { code: 'deployment-impossible' });
  assert.ok(!existsSync((await stackFolder(root, 'impossible')).path));
});

async function assertServes({ endpoints }: LocalStack): Promise<void> {
  for (const { url } of endpoints) assert.equal((await fetch(`${url}/items/7`)).status, 200, url);
}

async function assertGone(stack: LocalStack): Promise<void> {
  assert.deepEqual(listStackProcesses(stack.folder), NOTHING);
  const ports = stack.endpoints
    .flatMap(({ url, planned }) => [url, ...listControls(planned), ...listEndpoints(planned).map(at => `http://${at}`)])
    .map(url => Number(new URL(url).port));
  const others = [stack.databaseUrl, stack.statusUrl].map(url => Number(new URL(url).port));
  assert.ok(await areFree([...ports, ...others]));
  assert.ok(!existsSync(stack.folder.path));
}

/** What `look` finds, as soon as it finds something; the test's own time limit ends a wait in vain. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await pause(5);
  }
}
