/** The page in Chromium, on the stack of `./loadline up`. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { StackFolder } from '../lab/runtimes/local/stack-folder.ts';
import { startStackWithDashboard } from '../lab/runtimes/local/testdata/temporary-stack.ts';
import { deploymentOf } from '../model/deployment.ts';
import { topologyNames } from '../model/topology.ts';
import { availableCpus } from '../services/cpus.ts';
import { withoutBrowser } from './testdata/browser.ts';
import { dashboardSuite } from './testdata/dashboard-suite.ts';
import { findServer } from './testdata/server-process.ts';

const PATIENCE_MS = 10_000;

dashboardSuite('the dashboard of a local stack', { suite: withoutBrowser }, async () => {
  const stack = await startStackWithDashboard(topologyNames.map(name => deploymentOf(name, availableCpus())));
  return { url: stack.page, restartServer: () => restart(stack.folder), close: () => stack.stop() };
});

/** Ends the dashboard's process; PM2 starts it again. */
async function restart(folder: StackFolder): Promise<void> {
  const server = () => findServer(folder);
  const before = server();
  assert.ok(before, 'the dashboard runs');
  process.kill(before.pid, 'SIGTERM');
  const limit = performance.now() + PATIENCE_MS;
  for (let now = server(); now === undefined || now.pid === before.pid; now = server()) {
    assert.ok(performance.now() < limit, 'the dashboard was not started again');
    await delay(50);
  }
}
