/**
 * Shows that a live load can run for hours: k6's memory over time while it sends to a server that answers at once, and
 * how fast it grows, with the interval of that; and what k6 itself costs: CPU per request and schedule lag.
 * `node bench/live-memory.ts [--seconds 60] [--rate 1000] [--targets 1]`
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { type Interval, studentT } from '../lab/analysis/intervals.ts';
import { mean } from '../lab/analysis/mean.ts';
import { cpuOf } from '../lab/observe/processes.ts';
import { k6Variables } from '../lab/trial/k6.ts';
import { type Histogram, merged, quantile } from '../loadtests/lib/histogram.ts';
import { LiveDesk } from '../loadtests/testdata/live-desk.ts';
import { startScript, startServer } from '../loadtests/testdata/run.ts';

interface Sample {
  /** Seconds since the load began. */
  readonly time: number;
  /** Resident set size, in bytes. */
  readonly memory: number;
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
/** Of the time: by then k6 has what it needs. */
const WARM_UP = 1 / 3;
/** Neighbouring samples hang together, since the collector of garbage comes every few seconds; means of batches hardly do. */
const BATCHES = 15;
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
  samples.push({ time: time - first.time, memory: memoryOf(k6.pid), sent: sent - first.sent });
  responseTime = [merged([...responseTime, ...targets.map(target => target.responseTime)], OBJECTIVE)];
  scheduleLag = [merged([...scheduleLag, ...targets.flatMap(target => target.scheduleLag ?? [])], OBJECTIVE)];
};
const cpuBefore = cpuOf([k6.pid]);
const last = await desk.after(seconds, first);
const cpu = cpuOf([k6.pid]) - cpuBefore;

const table = new Table({ head: ['after (s)', 'requests', 'RSS of k6 (MB)'], style: { head: [], border: [] } });
for (const batch of batchesOf(samples, ROWS)) {
  const { time = 0, sent = 0 } = batch.at(-1) ?? {};
  table.push([time.toFixed(0), sent, inMegabytes(mean(batch.map(({ memory }) => memory)))]);
}
const growth = slope(
  batchesOf(
    samples.filter(({ time }) => time > seconds * WARM_UP),
    BATCHES,
  ),
);
const requests = last.sent - first.sent;
const neverSent = last.targets.reduce((sum, target) => sum + target.neverSent, 0);
const [perHour, low, high] = [growth.estimate, growth.low, growth.high].map(bytes => inMegabytes(bytes * 3600));
process.stdout.write(
  [
    table.toString(),
    `grows by ${perHour} MB an hour (95 %: ${low} to ${high}) after the first ${(seconds * WARM_UP).toFixed(0)} s`,
    `${requests} requests, ${neverSent} never sent, ${last.failed} failed`,
    `CPU of k6        ${((1000 * cpu) / requests).toFixed(2)} ms a request, ${((100 * cpu) / seconds).toFixed(0)} % of one core`,
    `schedule lag     ${quantiles(scheduleLag)}`,
    `response time    ${quantiles(responseTime)}`,
    '',
  ].join('\n'),
);

/** Resident set size of a process, in bytes. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function batchesOf<T>(series: readonly T[], batches: number): T[][] {
  const size = series.length / batches;
  return Array.from({ length: batches }, (_, batch) =>
    series.slice(Math.round(batch * size), Math.round((batch + 1) * size)),
  );
}

/** Bytes a second by which memory grows, with its 95 % interval: least squares through the means of the batches. */
function slope(batches: readonly (readonly Sample[])[]): Interval {
  const x = batches.map(batch => mean(batch.map(({ time }) => time)));
  const y = batches.map(batch => mean(batch.map(({ memory }) => memory)));
  const [middleX, middleY] = [mean(x), mean(y)];
  const spread = x.reduce((sum, time) => sum + (time - middleX) ** 2, 0);
  const estimate = x.reduce((sum, time, index) => sum + (time - middleX) * ((y[index] ?? 0) - middleY), 0) / spread;
  const residuals = y.map((memory, index) => memory - middleY - estimate * ((x[index] ?? 0) - middleX));
  const freedom = x.length - 2;
  const error = Math.sqrt(residuals.reduce((sum, residual) => sum + residual ** 2, 0) / freedom / spread);
  const half = studentT(0.975, freedom) * error;
  return { estimate, low: estimate - half, high: estimate + half };
}

function quantiles(histograms: readonly Histogram[]): string {
  const all = merged(histograms, OBJECTIVE);
  return [0.5, 0.99, 0.999].map(q => `p${100 * q} ${(1000 * quantile(all, q)).toFixed(2)} ms`).join('   ');
}

function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
