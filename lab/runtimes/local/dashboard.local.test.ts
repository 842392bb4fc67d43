/** The dashboard and its k6 as parts of a stack. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { areFree } from './ports.ts';
import { signalAll, startedWith } from './processes.ts';
import { listStackProcesses } from './stack-folder.ts';
import { startStackWithDashboard } from './testdata/temporary-stack.ts';

/** With a page open, for which nginx would wait for 10 s. */
const STOP_MS = 8000;
const deployments = [deploymentOf('sync', 1), deploymentOf('async', 1)];

let stack: Awaited<ReturnType<typeof startStackWithDashboard>>;

before(async () => {
  stack = await startStackWithDashboard(deployments);
});

after(() => stack.stop());

test('the page is there when the stack is ready, and k6 sends once a page is open', async () => {
  assert.match(await (await fetch(stack.page)).text(), /<title>Loadline<\/title>/);
  const closing = new AbortController();
  const events = await fetch(`${stack.page}/api/events`, { signal: closing.signal });
  assert.equal(events.status, 200);
  const id = deploymentName(deploymentOf('sync', 1));
  await until(async () => {
    const answer = await fetch(`${stack.page}/api/totals`);
    const { k6 } = (await answer.json()) as { k6: Record<string, { sent: number }> };
    return (k6[id]?.sent ?? 0) > 20 || undefined;
  });
  closing.abort();
});

test('a dashboard or a k6 that is killed is started again', async () => {
  const before = findParts();
  assert.deepEqual(before.map(({ name }) => name).sort(), ['dashboard', 'k6']);
  signalAll(before, 'SIGKILL');
  const now = await until(async () => {
    const parts = findParts().filter(({ pid }) => !before.some(old => old.pid === pid));
    return parts.length === 2 ? parts : undefined;
  });
  assert.deepEqual(now.map(({ program }) => program).sort(), ['k6', 'node']);
  await until(async () => (await fetch(stack.page)).ok || undefined);
});

test('a stack stops without waiting for open pages, and leaves nothing', async context => {
  const { body } = await fetch(`${stack.page}/api/events`);
  assert.ok(body);
  const [webPort] = listStackProcesses(stack.folder).pm2.flatMap(
    ({ pid }) => startedWith(pid, 'LOADLINE_WEB_PORT') ?? [],
  );
  const controlPorts = stack.endpoints.flatMap(({ planned }) =>
    planned.processes.map(({ controlPort }) => controlPort),
  );
  const start = performance.now();
  await stack.stop();
  const took = performance.now() - start;
  context.diagnostic(`stopped after ${took.toFixed(0)} ms`);
  assert.ok(took < STOP_MS, `${took} ms`);
  await new Response(body).text().catch(() => undefined);
  assert.deepEqual(listStackProcesses(stack.folder), { nginx: [], pm2: [], postgres: [] });
  assert.ok(await areFree([Number(new URL(stack.page).port), Number(webPort), ...controlPorts]));
  assert.ok(!existsSync(stack.folder.path));
});

/** The dashboard and k6, by the names that PM2 has for them. */
function findParts() {
  return listStackProcesses(stack.folder)
    .pm2.map(one => ({ ...one, name: startedWith(one.pid, 'name') ?? '' }))
    .filter(({ name }) => name === 'dashboard' || name === 'k6');
}

/** What `look` finds, as soon as it finds something; the test's own time limit ends a wait in vain. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(20);
  }
}
