/**
 * Shows that a page can stay open for hours: the memory of the dashboard, of its k6 and of nginx over time, and how fast
 * it grows, with the interval of that. Starts a stack of its own; a page drives, another one watches, and a third comes
 * and goes. `./loadline node bench/dashboard-memory.ts [--minutes 90] [--rate 40]`, the rate at each of two topologies.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { findServer } from '../dashboard/testdata/server-process.ts';
import { Watcher } from '../dashboard/testdata/watcher.ts';
import { readProcessMemory } from '../lab/probe/processes.ts';
import { startedWith } from '../lab/runtimes/local/processes.ts';
import { dashboardPrograms, listStackProcesses } from '../lab/runtimes/local/stack-folder.ts';
import { startStackWithDashboard } from '../lab/runtimes/local/testdata/temporary-stack.ts';
import { deploymentName, deploymentOf } from '../model/deployment.ts';
import { mean } from '../model/statistics.ts';
import { availableCpus } from '../services/cpus.ts';
import { estimateGrowth, inMegabytes, type MemorySample, perHour, splitIntoBatches, WARM_UP } from './memory-growth.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '90' }, rate: { type: 'string', default: '40' } },
});
const SECONDS = Number(values.minutes) * 60;
const LOOK_EVERY = 5;
const LEAST_MINUTES = 5;
if (!(SECONDS >= LEAST_MINUTES * 60))
  throw new Error(`--minutes is ${values.minutes}; it takes ${LEAST_MINUTES} or more`);
/** Looks after which the page asks again, so that the load does not rest, and another page has come and gone. */
const USED_EVERY = 12;
const ROWS = 10;
const deployments = ['sync', 'hybrid'].map(topology => deploymentOf(topology, availableCpus()));
const ids = deployments.map(deploymentName);

const stack = await startStackWithDashboard(deployments);
try {
  const parts = {
    dashboard: () => [findServer(stack.folder)?.pid ?? 0],
    k6: () =>
      listStackProcesses(stack.folder)
        .pm2.filter(({ pid }) => startedWith(pid, 'name') === dashboardPrograms.generator)
        .map(({ pid }) => pid),
    nginx: () => listStackProcesses(stack.folder).nginx.map(({ pid }) => pid),
  };
  const names = Object.keys(parts) as (keyof typeof parts)[];
  const samples: Record<keyof typeof parts, MemorySample[]> = { dashboard: [], k6: [], nginx: [] };
  await using driver = await Watcher.listen(stack.page, false);
  await using _other = await Watcher.listen(stack.page, false);
  const began = performance.now();
  for (let look = 0; performance.now() - began < SECONDS * 1000; look++) {
    if (look % USED_EVERY === 0) await use(driver);
    await pause(LOOK_EVERY * 1000);
    const time = (performance.now() - began) / 1000;
    for (const name of names) samples[name].push({ time, memory: readProcessMemory(parts[name]()) });
  }
  const { k6 } = await driver.totals();
  const table = new Table({
    head: ['after (min)', ...names.map(name => `${name} (MB)`)],
    style: { head: [], border: [] },
  });
  const rows = names.map(name => splitIntoBatches(samples[name], ROWS));
  for (let row = 0; row < ROWS; row++) {
    const batches = rows.map(batches => batches[row] ?? []);
    table.push([
      ((batches[0]?.at(-1)?.time ?? 0) / 60).toFixed(0),
      ...batches.map(batch => inMegabytes(mean(batch.map(({ memory }) => memory)))),
    ]);
  }
  process.stdout.write(`${table}\n`);
  const after = ((SECONDS * WARM_UP) / 60).toFixed(0);
  for (const name of names) {
    process.stdout.write(`${name} grows by ${perHour(estimateGrowth(samples[name]))} after the first ${after} min\n`);
  }
  process.stdout.write(`${ids.map(id => `${k6[id]?.sent ?? 0} requests sent to ${id}`).join(', ')}\n`);
} finally {
  await stack.stop();
}

/** What somebody does who plays with the page: asks for the load again, and opens it a second time for a moment. */
async function use(driver: Watcher): Promise<void> {
  const status = await driver.change('PUT /api/settings', {
    deployments: ids,
    workload: { route: 'wait', parameters: { ms: 20 } },
    load: { model: 'open', arrivalRate: Number(values.rate) },
    running: true,
  });
  if (status !== 204) throw new Error(`the load was answered with ${status}`);
  await using guest = await Watcher.listen(stack.page, false);
  await guest.until(() => guest.state !== undefined);
}
