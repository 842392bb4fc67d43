import { type Interval, mean, studentT } from '../model/statistics.ts';

/** What a process had at one moment. */
export interface MemorySample {
  /** Seconds since the load began. */
  readonly time: number;
  /** Bytes. */
  readonly memory: number;
}

/** Of the time: by then a process has what it needs. */
export const WARM_UP = 1 / 3;
/** Neighbouring samples hang together, since the collector of garbage comes every few seconds; means of batches hardly do. */
const BATCHES = 15;

/** Bytes a second by which memory grows after the first third, with its 95 % interval: least squares through the means of batches. */
export function estimateGrowth(samples: readonly MemorySample[]): Interval {
  const end = samples.at(-1)?.time ?? 0;
  const batches = splitIntoBatches(
    samples.filter(({ time }) => time > end * WARM_UP),
    BATCHES,
  );
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

/** `series` in so many parts of equal length. */
export function splitIntoBatches<T>(series: readonly T[], batches: number): T[][] {
  const size = series.length / batches;
  return Array.from({ length: batches }, (_, batch) =>
    series.slice(Math.round(batch * size), Math.round((batch + 1) * size)),
  );
}

/** `3.1 (95 %: 2.0 to 4.2)`, in megabytes an hour. */
export function perHour({ estimate, low, high }: Interval): string {
  const [one, from, to] = [estimate, low, high].map(bytes => inMegabytes(bytes * 3600));
  return `${one} MB an hour (95 %: ${from} to ${to})`;
}

export function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
