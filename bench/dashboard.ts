/**
 * A program: starts a stack of its own and measures its dashboard: whether what the slider asks for is what k6 sends and
 * nginx answers, how soon a change is in force, what watchers cost. `./loadline node bench/dashboard.ts`, about four
 * minutes; on a machine that does nothing else.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Settings, Totals } from '../dashboard/protocol.ts';
import { findServer } from '../dashboard/testdata/server-process.ts';
import { Watcher } from '../dashboard/testdata/watcher.ts';
import { readCpuTime, readProcessMemory } from '../lab/probe/processes.ts';
import { startStackWithDashboard } from '../lab/runtimes/local/testdata/temporary-stack.ts';
import { deploymentOf } from '../model/deployment.ts';
import { availableCpus } from '../services/cpus.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const SECONDS = Number(values.seconds);
const WATCHERS = 10;
const SETTLE = 3;

const stack = await startStackWithDashboard(
  (['sync', 'async', 'hybrid'] as const).map(topology => deploymentOf(topology, availableCpus())),
);
try {
  await using watcher = await Watcher.listen(stack.page);
  await sliderAndCounts(watcher);
  await changesInForce(watcher);
  await costOfWatchers(watcher);
} finally {
  await stack.stop();
}

/** Arrivals per second that are asked for, that k6 says it sent, and that nginx logged. */
async function sliderAndCounts(watcher: Watcher): Promise<void> {
  const table = new Table({
    head: ['asked for (1/s)', 'sent by k6', 'expected', '3 √n', 'holds', 'answered, by nginx'],
  });
  for (const arrivalRate of [5, 20, 100, 300, 1000]) {
    await ask(watcher, arrivalRate);
    await after(SETTLE);
    const [begin, began] = [await watcher.totals(), performance.now()];
    await after(SECONDS);
    const sent = sentTo(await watcher.totals()) - sentTo(begin);
    const expected = (arrivalRate * (performance.now() - began)) / 1000;
    // What is counted last by one of the two is counted by the other once nothing moves any more.
    await ask(watcher, arrivalRate, false);
    await after(SETTLE);
    const totals = await watcher.totals();
    const difference = (totals.nginx.hybrid ?? 0) / sentTo(totals) - 1;
    const margin = 3 * Math.sqrt(expected);
    const holds = Math.abs(sent - expected) <= margin ? 'yes' : 'NO';
    table.push([
      arrivalRate,
      sent,
      expected.toFixed(0),
      margin.toFixed(0),
      holds,
      `${(100 * difference).toFixed(2)} %`,
    ]);
  }
  print(
    `Each for ${SECONDS} s, GET /plain at hybrid; nginx's count is held against all that k6 has sent so far:\n${table}`,
  );
}

/** How long after the answer to a change k6 is seen to send at the other rate. */
async function changesInForce(watcher: Watcher): Promise<void> {
  const took: number[] = [];
  for (let change = 0; change < 10; change++) {
    const [from, to] = change % 2 === 0 ? [20, 400] : [400, 20];
    await ask(watcher, from);
    await after(SETTLE);
    await ask(watcher, to);
    const asked = performance.now();
    await untilRate(watcher, to, (from + to) / 2);
    took.push((performance.now() - asked) / 1000);
  }
  took.sort((one, other) => one - other);
  print(`A change between 20 and 400/s is seen in k6's reports after ${took.map(shown).join(', ')} s.`);
}

/** Bytes and CPU of the dashboard while so many watch a load that moves. */
async function costOfWatchers(watcher: Watcher): Promise<void> {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['load', 'watchers', 'feed (kB/s each)', 'CPU (% of one core)', 'memory (MB)'],
  });
  const server = findServer(stack.folder);
  if (server === undefined) throw new Error('the dashboard is not among the processes of its stack');
  for (const [arrivalRate, topologies] of [
    [80, ['sync', 'hybrid']],
    [1000, ['async', 'hybrid']],
  ] as const) {
    for (const watchers of [1, WATCHERS]) {
      const others = await Promise.all(Array.from({ length: watchers - 1 }, () => Watcher.listen(stack.page, false)));
      await watcher.change(
        'PUT /api/settings',
        settingsAt(
          arrivalRate,
          true,
          topologies.map(topology => watcher.idOf(topology)),
        ),
      );
      await after(SETTLE);
      const [bytes, cpu, began] = [watcher.bytes, readCpuTime([server.pid]), performance.now()];
      await after(SECONDS);
      const seconds = (performance.now() - began) / 1000;
      table.push([
        `${arrivalRate}/s at each of ${topologies.join(', ')}`,
        watchers,
        ((watcher.bytes - bytes) / seconds / 1000).toFixed(1),
        ((100 * (readCpuTime([server.pid]) - cpu)) / seconds).toFixed(1),
        (readProcessMemory([server.pid]) / 1e6).toFixed(0),
      ]);
      await Promise.all(others.map(other => other[Symbol.asyncDispose]()));
    }
  }
  print(`What the dashboard takes, over ${SECONDS} s each:\n${table}`);
}

function settingsAt(arrivalRate: number, running: boolean, deployments: Settings['deployments']): Settings {
  return {
    deployments,
    workload: deployments.some(id => id.startsWith('sync'))
      ? { route: 'wait', parameters: { ms: 20 } }
      : { route: 'plain', parameters: {} },
    load: { model: 'open', arrivalRate },
    running,
  };
}

async function ask(watcher: Watcher, arrivalRate: number, running = true): Promise<void> {
  const status = await watcher.change('PUT /api/settings', settingsAt(arrivalRate, running, [watcher.idOf('hybrid')]));
  if (status !== 204) throw new Error(`${arrivalRate}/s was answered with ${status}`);
}

async function untilRate(watcher: Watcher, to: number, middle: number): Promise<void> {
  const limit = performance.now() + 10_000;
  for (let before = await sample(watcher); performance.now() < limit; ) {
    await after(0.25);
    const now = await sample(watcher);
    const rate = (now.sent - before.sent) / (now.time - before.time);
    before = now;
    if (to > middle ? rate > middle : rate < middle) return;
  }
  throw new Error(`${to}/s was not seen within 10 s`);
}

async function sample(watcher: Watcher): Promise<{ sent: number; time: number }> {
  return { sent: sentTo(await watcher.totals()), time: performance.now() / 1000 };
}

function sentTo({ k6 }: Totals): number {
  return k6.hybrid?.sent ?? 0;
}

function shown(seconds: number): string {
  return seconds.toFixed(2);
}

function after(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}
