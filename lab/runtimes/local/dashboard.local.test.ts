/** The dashboard and its k6 as parts of a stack. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { dashboardParts } from './dashboard.ts';
import { areFree } from './ports.ts';
import { type RunningProcess, signalAll, startedWith } from './processes.ts';
import {
  lockStack,
  processesOf,
  recordOf,
  type StackFolder,
  stackFolder,
  stackNames,
  stopAll,
} from './stack-folder.ts';
import { stopWhenInterrupted } from './testdata/interrupted-test.ts';
import { killedAfter } from './testdata/killed-after.ts';
import { startStackWithDashboard } from './testdata/temporary-stack.ts';

/** With a page open, for which nginx would wait for 10 s. */
const STOP_MS = 8000;
const LOOK_EVERY_MS = 20;
const NOTHING = { nginx: [], pm2: [], postgres: [] };
const deployments = [deploymentOf('sync', 1), deploymentOf('async', 1)];

/** Stands for a checkout. */
let root: string;
let k6: string;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'loadline-dashboard-'));
  interrupted = stopWhenInterrupted(removeAll);
  const checkout = join(import.meta.dirname, '../../..');
  ({ k6 } = await dashboardParts({ root: checkout, signal: new AbortController().signal, say: () => undefined }));
});

after(() => removeAll().finally(interrupted.stopped));

async function removeAll(): Promise<void> {
  for (const name of await stackNames(root)) await stopAll(await stackFolder(root, name), AbortSignal.abort());
  await rm(root, { recursive: true, force: true });
}

test('a page is there when the stack is ready, and k6 sends what somebody who watches has chosen', async () => {
  const stack = await startStackWithDashboard(deployments);
  const id = deploymentName(deploymentOf('sync', 1));
  try {
    assert.match(await (await fetch(stack.page)).text(), /<title>Loadline<\/title>/);
    const closing = new AbortController();
    const events = await fetch(`${stack.page}/api/events`, { signal: closing.signal });
    assert.equal(events.status, 200);
    const sent = await until(async () => {
      const { k6 } = (await (await fetch(`${stack.page}/api/totals`)).json()) as Totals;
      return (k6[id]?.sent ?? 0) > 20 ? k6[id]?.sent : undefined;
    });
    assert.ok(sent > 0);
    closing.abort();
  } finally {
    await stack.stop();
  }
});

test('a stack stops without waiting for those who watch, and leaves nothing', async context => {
  const stack = await startStackWithDashboard(deployments);
  const { body } = await fetch(`${stack.page}/api/events`);
  assert.ok(body);
  const ended = drained(body);
  const webPorts = processesOf(stack.folder).pm2.flatMap(({ pid }) => startedWith(pid, 'LOADLINE_WEB_PORT') ?? []);
  assert.equal(webPorts.length, 1);
  const controlPorts = stack.endpoints.flatMap(({ planned }) =>
    planned.processes.map(({ controlPort }) => controlPort),
  );
  const start = performance.now();
  await stack.stop();
  const took = performance.now() - start;
  context.diagnostic(`stopped after ${took.toFixed(0)} ms`);
  assert.ok(took < STOP_MS, `${took} ms`);
  await ended;
  assert.deepEqual(processesOf(stack.folder), NOTHING);
  assert.ok(await areFree([Number(new URL(stack.page).port), Number(webPorts[0]), ...controlPorts]));
  assert.ok(!existsSync(stack.folder.path));
});

test('a dashboard or a k6 that is killed is started again', async () => {
  const stack = await startStackWithDashboard(deployments);
  try {
    const before = partsIn(stack.folder);
    assert.deepEqual(before.map(({ name }) => name).sort(), ['dashboard', 'k6']);
    signalAll(before, 'SIGKILL');
    const now = await until(async () => {
      const parts = partsIn(stack.folder).filter(({ pid }) => !before.some(old => old.pid === pid));
      return parts.length === 2 ? parts : undefined;
    });
    assert.deepEqual(now.map(({ program }) => program).sort(), ['k6', 'node']);
    await until(async () => ((await fetch(stack.page)).ok ? true : undefined));
  } finally {
    await stack.stop();
  }
});

for (const line of ['starting async, sync', 'ready']) {
  test(`what a command leaves that is killed after it said "${line}" is found and stopped, k6 too`, async () => {
    const folder = await stackFolder(root, 'killed');
    await killedAfter(line, root, k6);
    await using lock = await lockStack(folder);
    assert.ok(lock);
    if (line === 'ready') assert.equal((await recordOf(folder))?.page?.startsWith('http://127.0.0.1:'), true);
    await stopAll(folder);
    assert.deepEqual(processesOf(folder), NOTHING);
  });
}

test('a k6 whose PM2 was killed is found', async () => {
  const stack = await startStackWithDashboard(deployments);
  try {
    const [generator] = partsIn(stack.folder).filter(({ name }) => name === 'k6');
    assert.ok(generator);
    const others = processesOf(stack.folder).pm2.filter(({ pid }) => pid !== generator.pid);
    signalAll(others, 'SIGKILL');
    await until(async () => (processesOf(stack.folder).pm2.length === 1 ? true : undefined));
    assert.deepEqual(
      processesOf(stack.folder).pm2.map(({ pid }) => pid),
      [generator.pid],
    );
  } finally {
    await stack.stop();
  }
  assert.deepEqual(processesOf(stack.folder), NOTHING);
});

interface Totals {
  readonly k6: Readonly<Record<string, { readonly sent: number }>>;
}

/** The dashboard and k6 of a stack, by the names that PM2 has for them. */
function partsIn(folder: StackFolder): (RunningProcess & { readonly name: string })[] {
  return processesOf(folder)
    .pm2.map(one => ({ ...one, name: startedWith(one.pid, 'name') ?? '' }))
    .filter(({ name }) => name === 'dashboard' || name === 'k6');
}

/** Resolves when a stream has ended, however it ends. */
async function drained(body: ReadableStream<Uint8Array>): Promise<void> {
  try {
    for await (const _ of body);
  } catch {
    // Cut off.
  }
}

/** What `look` finds, as soon as it finds something; the test's own time limit ends a wait in vain. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_EVERY_MS);
  }
}
