import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, describe, test } from 'node:test';
import { claimPorts } from '../../lab/runtimes/local/ports.ts';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { planOneProcess, type StackPlan } from '../../model/stack-plan.ts';
import type { LiveOrders } from '../../model/wire.ts';
import { liveReport, targetReport } from './testdata/live-reports.ts';

/** Seconds. */
const READY_LIMIT = 20;

describe('the dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-dashboard-'));
  let child: ChildProcess;
  afterEach(() => child.kill('SIGKILL'));
  after(() => rmSync(folder, { recursive: true }));

  /** The path of a file with the plan of this deployment, behind a port that is closed. */
  function planFile(deployment: Deployment, nowhere: number): string {
    const path = join(folder, 'stack.json');
    const deployments = [planOneProcess(deployment, nowhere, nowhere)];
    writeFileSync(path, JSON.stringify({ schema: 1, deployments } satisfies StackPlan));
    return path;
  }

  function start(environment: Record<string, string>): ChildProcess {
    child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { PATH: process.env.PATH, TMPDIR: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return child;
  }

  test('says where its page is, gives k6 its orders, and ends at once when it is told to', async () => {
    await using claim = await claimPorts(4);
    const [web = 0, desk = 0, nowhere = 0] = claim.ports;
    writeFileSync(join(folder, 'live.log'), '');
    writeFileSync(join(folder, 'reason.html'), 'why the one before it did not start');
    const { stdout } = start({
      LOADLINE_STACK: planFile(deploymentOf('async', 1), nowhere),
      LOADLINE_REQUEST_LOG: join(folder, 'live.log'),
      LOADLINE_DATABASE_URL: `postgres://nobody@127.0.0.1:${nowhere}/none`,
      LOADLINE_WEB_PORT: String(web),
      LOADLINE_DESK_PORT: String(desk),
      LOADLINE_PAGE_ADDRESS: `http://127.0.0.1:${web}`,
    });
    assert.ok(stdout);
    const lines: string[] = [];
    createInterface(stdout).on('line', line => void lines.push(line));
    await once(stdout, 'data', { signal: AbortSignal.timeout(READY_LIMIT * 1000) });
    const page = `http://127.0.0.1:${web}`;
    assert.deepEqual(await (await fetch(`${page}/livez`)).json(), { live: true });
    assert.equal(existsSync(join(folder, 'reason.html')), false);

    assert.equal((await ordersFor(desk, 1)).stop, true, 'nobody watches');
    const events = await fetch(`${page}/api/events`);
    assert.equal(events.status, 200);
    let orders = await ordersFor(desk, 2);
    // It may be slow to see that k6 is there.
    for (let asked = 3; orders.stop && asked < 1000; asked += 1) orders = await ordersFor(desk, asked);
    const { stop, arrivalRate, targets } = orders;
    assert.deepEqual(
      { stop, arrivalRate, targets },
      { stop: false, arrivalRate: 100, targets: [{ name: 'async-1x1-40', url: `http://127.0.0.1:${nowhere}` }] },
    );
    assert.deepEqual(await (await fetch(`${page}/api/totals`)).json(), {
      k6: { 'async-1x1-40': { sent: 5, completed: 4 } },
      nginx: {},
    });

    const told = performance.now();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.ok(performance.now() - told < 2000, 'an open page does not hold it up');
    await assert.rejects(events.text(), /terminated/);
    assert.deepEqual(lines, [`Loadline: ${page}`]);
  });

  test('that is published on every address without a token does not start, and says why in its log and on nginx’s page', async () => {
    const { stderr } = start({
      LOADLINE_PROJECT: 'loadline',
      LOADLINE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      LOADLINE_REQUEST_LOG: join(folder, 'live.log'),
      LOADLINE_PUBLISHED_ON: '0.0.0.0',
    });
    let said = '';
    stderr?.on('data', chunk => {
      said += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 2);
    const reason = readFileSync(join(folder, 'reason.html'), 'utf8');
    assert.match(
      reason,
      /<p>PAGE_TOKEN is not set.*<pre>PAGE_ADDRESS=0\.0\.0\.0 PAGE_TOKEN=.* docker compose up<\/pre>/s,
    );
    assert.match(said, /^LOADLINE_PAGE_TOKEN is not set.*PAGE_TOKEN=.*\n$/);
  });
});

/** The orders that k6 gets for its report of this number. */
async function ordersFor(desk: number, number: number): Promise<LiveOrders> {
  const target = targetReport({ name: 'async-1x1-40', sent: 5, completed: 4, inProgress: 1 });
  const answer = await fetch(`http://127.0.0.1:${desk}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(liveReport({ number, targets: [target] })),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as LiveOrders;
}
