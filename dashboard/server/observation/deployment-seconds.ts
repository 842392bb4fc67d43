import { emptyHistogram, type Histogram, merged, quantile } from '../../../model/histogram.ts';
import { type DeploymentSecond, OBJECTIVE } from '../../protocol.ts';
import type { GeneratorInterval } from './generator-counts.ts';
import type { LoggedRequest } from './request-log.ts';
import type { ProcessInterval, UtilisationMeter, WorkerInterval } from './utilisation-meter.ts';

/** Seconds that nginx's log lags behind: an answer counts in the second in which it ended. */
const LOG_LAG = 0.3;
/** Answers are counted by tenths of a second. */
const BINS_PER_SECOND = 10;

interface Bin {
  succeeded: number;
  failed: number;
  /** Failed with 503. */
  refused: number;
  /** Failed because the client gave up. */
  givenUp: number;
}

/** The points of the charts of one deployment. */
export class DeploymentSeconds {
  readonly #meter: UtilisationMeter;
  readonly #memory: () => number;
  readonly #bins = new Map<number, Bin>();
  #responseTime: Histogram = emptyHistogram(OBJECTIVE);
  #sent = 0;
  /** Seconds of the reports of k6. */
  #reported = 0;
  #offeredLoad = 0;
  #inProgress = 0;

  /** `memory`: of the deployment, in bytes. */
  constructor(meter: UtilisationMeter, memory: () => number) {
    this.#meter = meter;
    this.#memory = memory;
  }

  addRequest({ endedAt, status }: LoggedRequest): void {
    const index = binAt(endedAt);
    const bin = this.#bins.get(index) ?? { succeeded: 0, failed: 0, refused: 0, givenUp: 0 };
    this.#bins.set(index, bin);
    if (isSuccess(status)) bin.succeeded += 1;
    else bin.failed += 1;
    if (status === 503) bin.refused += 1;
    if (status === 499) bin.givenUp += 1;
  }

  addGenerator({ duration, sent, responseTime, inProgress }: GeneratorInterval): void {
    this.#sent += sent;
    this.#reported += duration;
    this.#inProgress = inProgress;
    this.#responseTime = merged([this.#responseTime, responseTime], OBJECTIVE);
  }

  addWorker(interval: WorkerInterval): void {
    this.#meter.addWorker(interval);
  }

  addProcess(interval: ProcessInterval): void {
    this.#meter.addProcess(interval);
  }

  /** k6 is gone, with all that it had in progress. */
  loseGenerator(): void {
    this.#offeredLoad = 0;
    this.#inProgress = 0;
  }

  /** The workers are not observed any more. */
  forgetUse(): void {
    this.#meter.clear();
  }

  /** Ends a second that lasted from `begin` to `end`, both of `secondEnd`. */
  take(begin: number, end: number): { second: DeploymentSecond } & Pick<Bin, 'refused' | 'givenUp'> {
    const { succeeded, failed, refused, givenUp } = this.#takeBins(end);
    const duration = end - begin;
    // A report that is late covers its time when it comes.
    if (this.#reported > 0) this.#offeredLoad = this.#sent / this.#reported;
    const responseTime = this.#responseTime;
    const second = {
      offeredLoad: this.#offeredLoad,
      throughput: duration > 0 ? succeeded / duration : 0,
      failed: duration > 0 ? failed / duration : 0,
      ...(responseTime.count > 0 && { p50: quantile(responseTime, 0.5), p99: quantile(responseTime, 0.99) }),
      inProgress: this.#inProgress,
      utilisation: this.#meter.utilisation,
      memory: this.#memory(),
    };
    this.#sent = 0;
    this.#reported = 0;
    this.#responseTime = emptyHistogram(OBJECTIVE);
    this.#meter.restart();
    return { second, refused, givenUp };
  }

  #takeBins(end: number): Bin {
    const sum = { succeeded: 0, failed: 0, refused: 0, givenUp: 0 };
    for (const [index, bin] of this.#bins) {
      if (index >= binAt(end)) continue;
      this.#bins.delete(index);
      for (const name of ['succeeded', 'failed', 'refused', 'givenUp'] as const) sum[name] += bin[name];
    }
    return sum;
  }
}

/** The time until which nginx's log is known, in whole bins. */
export function secondEnd(now: number): number {
  return binAt(now - LOG_LAG) / BINS_PER_SECOND;
}

/** Whether a status means that the client got what it asked for. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 400;
}

/** Rounded times may be a hair before their bin. */
function binAt(time: number): number {
  return Math.floor(time * BINS_PER_SECOND + 1e-6);
}
