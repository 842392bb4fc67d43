import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { controlsOf, endpointsOf } from '../../../model/stack-plan.ts';
import { areFree } from './ports.ts';
import { type LocalStack, type StackOptions, startStack } from './stack.ts';
import { lockStack, processesOf, recordOf, stackFolder, stackNames, stopAll } from './stack-folder.ts';
import { stopWhenInterrupted } from './testdata/interrupted-test.ts';
import { killedAfter } from './testdata/killed-after.ts';

/** Stands for a checkout in a private home, which nobody else may enter. */
let root: string;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'loadline-home-'));
  await chmod(root, 0o700);
  interrupted = stopWhenInterrupted(removeAll);
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
  const stacks = await Promise.all([startStack(options('one')), startStack(options('two'))]);
  const [one, two] = stacks;
  for (const { endpoints } of stacks) {
    for (const { url } of endpoints) assert.equal((await fetch(`${url}/items/7`)).status, 200, url);
  }
  assert.notEqual(new URL(one.databaseUrl).port, new URL(two.databaseUrl).port);
  await one.stop();
  await assertGone(one);
  for (const { url } of two.endpoints) assert.equal((await fetch(`${url}/items/7`)).status, 200, url);
  await two.stop();
  await assertGone(two);
  assert.deepEqual(readdirSync(join(root, '.loadline/stacks')), []);
});

test('a stack may lie in a folder whose path is longer than that of a socket may be', async () => {
  const stack = await startStack(options('far-'.padEnd(120, 'away-')));
  for (const { url } of stack.endpoints) assert.equal((await fetch(`${url}/items/7`)).status, 200, url);
  await stack.stop();
  await assertGone(stack);
});

test('an endpoint knows its processes, also after PM2 has started one again', async () => {
  const stack = await startStack(options('pids'));
  const [sync] = stack.endpoints;
  assert.ok(sync);
  const [first = 0, second = 0] = sync.pids();
  assert.equal(sync.pids().length, 2);
  process.kill(first, 'SIGKILL');
  let now = sync.pids();
  while (now.length < 2 || now.includes(first)) {
    await pause(20);
    now = sync.pids();
  }
  assert.ok(now.includes(second));
  await stack.stop();
  await assertGone(stack);
});

for (const seconds of [0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.1, 1.5]) {
  test(`a start that is interrupted after ${seconds} s leaves nothing behind`, async () => {
    const name = `interrupted-${seconds}`;
    const interruption = new AbortController();
    const reason = new LoadlineError('interrupted', 'Ctrl-C');
    setTimeout(() => interruption.abort(reason), seconds * 1000);
    const starting = startStack(options(name, { signal: interruption.signal })).then(stack => stack.stop());
    // On a fast machine the stack may have been ready; then it was stopped like any other.
    await starting.catch((error: unknown) => assert.equal(error, reason));
    const folder = await stackFolder(root, name);
    assert.deepEqual(processesOf(folder), { nginx: [], pm2: [], postgres: [] });
    assert.ok(!existsSync(folder.path));
  });
}

for (const line of ['starting Postgres', 'starting async, sync', 'ready']) {
  test(`what a command leaves that is killed after it said "${line}" is found, stopped, and started anew`, async () => {
    const folder = await stackFolder(root, 'killed');
    await killedAfter(line, root);
    const wasUp = line === 'ready';
    assert.equal((await recordOf(folder)) !== undefined, wasUp);
    if (wasUp) await assert.rejects(startStack(options('killed')), /already up/);
    if (wasUp) await stopAll(folder);
    const stack = await startStack(options('killed'));
    for (const { url } of stack.endpoints) assert.equal((await fetch(`${url}/plain`)).status, 200);
    await stack.stop();
    await assertGone(stack);
  });
}

test('a stack that another command is at work on is left alone', async () => {
  const folder = await stackFolder(root, 'busy');
  await using lock = await lockStack(folder);
  assert.ok(lock);
  await assert.rejects(startStack(options('busy')), (error: unknown) => {
    return error instanceof LoadlineError && error.code === 'stack-running';
  });
});

test('a deployment that cannot be is refused before anything is started', async () => {
  const impossible = options('impossible', { deployments: [deploymentOf('async', 2, { processes: 3 })] });
  await assert.rejects(startStack(impossible), /async is one process, not 3/);
  assert.ok(!existsSync((await stackFolder(root, 'impossible')).path));
});

async function assertGone(stack: LocalStack): Promise<void> {
  assert.deepEqual(processesOf(stack.folder), { nginx: [], pm2: [], postgres: [] });
  const ports = stack.endpoints
    .flatMap(({ url, planned }) => [url, ...controlsOf(planned), ...endpointsOf(planned).map(at => `http://${at}`)])
    .map(url => Number(new URL(url).port));
  const others = [stack.databaseUrl, stack.statusUrl].map(url => Number(new URL(url).port));
  assert.ok(await areFree([...ports, ...others]));
  assert.ok(!existsSync(stack.folder.path));
}
