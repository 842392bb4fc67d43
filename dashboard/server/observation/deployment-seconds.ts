import { emptyHistogram, type Histogram, merged, quantile } from '../../../model/histogram.ts';
import { type DeploymentSecond, OBJECTIVE } from '../../protocol.ts';
import type { Follower, ProcessInterval, WorkerInterval } from './follower.ts';
import type { LoggedRequest } from './logged-request.ts';
import type { TargetChange } from './target-changes.ts';
import type { UtilisationMeter } from './utilisation-meter.ts';

/** Seconds that nginx's log lies behind: an answer is counted in the second in which it ended, not in which it is read. */
export const LOG_LAG = 0.3;
/** Answers are counted by tenths of a second, of which so many are kept while nobody takes them. */
const BINS_PER_SECOND = 10;
const BINS_KEPT = 600;

interface Bin {
  succeeded: number;
  failed: number;
  /** Of those that failed: the service's own "not now", and what its client no longer waited for. */
  refused: number;
  givenUp: number;
}

/** The points of the charts of one deployment. */
export class DeploymentSeconds implements Follower {
  readonly #meter: UtilisationMeter;
  readonly #memory: () => number;
  readonly #bins = new Map<number, Bin>();
  #responseTime: Histogram = emptyHistogram(OBJECTIVE);
  #sent = 0;
  #reported = 0;
  #offeredLoad = 0;
  #inProgress = 0;

  /** `memory`: the deployment's, in bytes. */
  constructor(meter: UtilisationMeter, memory: () => number) {
    this.#meter = meter;
    this.#memory = memory;
  }

  logged({ endedAt, status }: LoggedRequest): void {
    const index = binAt(endedAt);
    const bin = this.#bins.get(index) ?? this.#newBin(index);
    if (isSuccess(status)) bin.succeeded += 1;
    else bin.failed += 1;
    if (status === 503) bin.refused += 1;
    if (status === 499) bin.givenUp += 1;
  }

  reported({ duration, sent, responseTime, inProgress }: TargetChange): void {
    this.#sent += sent;
    this.#reported += duration;
    this.#inProgress = inProgress;
    this.#responseTime = merged([this.#responseTime, responseTime], OBJECTIVE);
  }

  worked(interval: WorkerInterval): void {
    this.#meter.worked(interval);
  }

  used(interval: ProcessInterval): void {
    this.#meter.used(interval);
  }

  /** The generator is gone, and with it what it had in progress. */
  generatorLost(): void {
    this.#offeredLoad = 0;
    this.#inProgress = 0;
  }

  /** Nobody looks at the workers any more. */
  forgetUse(): void {
    this.#meter.restart('nothing');
  }

  /** The point for the seconds from `begin` to `end`, both of `secondEnd`; and how many requests were refused or given up in them. */
  take(begin: number, end: number): { second: DeploymentSecond } & Pick<Bin, 'refused' | 'givenUp'> {
    const { succeeded, failed, refused, givenUp } = this.#takeBins(end);
    const duration = end - begin;
    // A report that is late tells of its time when it comes.
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

  #newBin(index: number): Bin {
    const bin = emptyBin();
    this.#bins.set(index, bin);
    const [oldest] = this.#bins.keys();
    if (this.#bins.size > BINS_KEPT && oldest !== undefined) this.#bins.delete(oldest);
    return bin;
  }

  #takeBins(end: number): Bin {
    const sum = emptyBin();
    for (const [index, bin] of this.#bins) {
      if (index >= binAt(end)) continue;
      this.#bins.delete(index);
      sum.succeeded += bin.succeeded;
      sum.failed += bin.failed;
      sum.refused += bin.refused;
      sum.givenUp += bin.givenUp;
    }
    return sum;
  }
}

function emptyBin(): Bin {
  return { succeeded: 0, failed: 0, refused: 0, givenUp: 0 };
}

/** Until when nginx's log is known, in whole bins. */
export function secondEnd(now: number): number {
  return binAt(now - LOG_LAG) / BINS_PER_SECOND;
}

/** Whether a client that sees this status got what it asked for. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 400;
}

/** A moment that was written with few digits may lie a hair before its bin. */
function binAt(time: number): number {
  return Math.floor(time * BINS_PER_SECOND + 1e-6);
}
