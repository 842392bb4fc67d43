/**
 * Shows that a live load can run for hours: k6's memory over time while it sends to a server that answers at once, and
 * how fast it grows, with the interval of that; and what k6 itself costs: CPU per request and schedule lag.
 * `node bench/live-memory.ts [--seconds 60] [--rate 1000] [--targets 1]`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { readCpuTime } from '../lab/probe/processes.ts';
import { k6Variables } from '../lab/run/generator.ts';
import { LiveDesk } from '../loadtests/testdata/live-desk.ts';
import { startScript, startServer } from '../loadtests/testdata/run.ts';
import { type Histogram, merged, quantile } from '../model/histogram.ts';
import { mean } from '../model/statistics.ts';
import { estimateGrowth, inMegabytes, type MemorySample, perHour, splitIntoBatches, WARM_UP } from './memory-growth.ts';

/** Of the resident set size. */
interface Sample extends MemorySample {
  readonly sent: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
    targets: { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const OBJECTIVE = 0.25;
const ROWS = 10;

// With this process its server and k6 end.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(130));

await using server = await startServer({ delayMs: 0 });
await using desk = await LiveDesk.open({
  targets: Array.from({ length: Number(values.targets) }, (_, index) => ({ name: `target-${index}`, url: server.url })),
  arrivalRate: Number(values.rate),
  requestsPerDot: 10,
  objective: OBJECTIVE,
});
await using k6 = startScript('live.ts', { ORDERS: desk.url, ...k6Variables });

const first = await desk.obeyed();
const samples: Sample[] = [];
let responseTime: readonly Histogram[] = [];
let scheduleLag: readonly Histogram[] = [];
desk.onReport = ({ time, sent, targets }) => {
  samples.push({ time: time - first.time, memory: readMemory(k6.pid), sent: sent - first.sent });
  responseTime = [merged([...responseTime, ...targets.map(target => target.responseTime)], OBJECTIVE)];
  scheduleLag = [merged([...scheduleLag, ...targets.flatMap(target => target.scheduleLag ?? [])], OBJECTIVE)];
};
const cpuBefore = readCpuTime([k6.pid]);
const last = await desk.after(seconds, first);
const cpu = readCpuTime([k6.pid]) - cpuBefore;

const table = new Table({ head: ['after (s)', 'requests', 'RSS of k6 (MB)'], style: { head: [], border: [] } });
for (const batch of splitIntoBatches(samples, ROWS)) {
  const { time = 0, sent = 0 } = batch.at(-1) ?? {};
  table.push([time.toFixed(0), sent, inMegabytes(mean(batch.map(({ memory }) => memory)))]);
}
const requests = last.sent - first.sent;
const neverSent = last.targets.reduce((sum, target) => sum + target.neverSent, 0);
process.stdout.write(
  [
    table.toString(),
    `grows by ${perHour(estimateGrowth(samples))} after the first ${(seconds * WARM_UP).toFixed(0)} s`,
    `${requests} requests, ${neverSent} never sent, ${last.failed} failed`,
    `CPU of k6        ${((1000 * cpu) / requests).toFixed(2)} ms a request, ${((100 * cpu) / seconds).toFixed(0)} % of one core`,
    `schedule lag     ${quantiles(scheduleLag)}`,
    `response time    ${quantiles(responseTime)}`,
    '',
  ].join('\n'),
);

/** Resident set size of a process, in bytes. */
function readMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function quantiles(histograms: readonly Histogram[]): string {
  const all = merged(histograms, OBJECTIVE);
  return [0.5, 0.99, 0.999].map(q => `p${100 * q} ${(1000 * quantile(all, q)).toFixed(2)} ms`).join('   ');
}
