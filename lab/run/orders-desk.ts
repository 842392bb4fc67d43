import type { Seconds } from '../../model/quantities.ts';
import type { Orders, SourceOutcome, SourceReport } from '../../model/wire.ts';
import type { TrialProgress } from './runtime.ts';

/** Who listens to a load while it runs. */
export interface LoadListener {
  /** Called several times a second with what all sources tell; the load stops when it answers `'stop'`. */
  readonly onReport: (progress: TrialProgress) => 'go-on' | 'stop';
  /** Called once, when the load has begun: its time 0 on the clock of `performance.now()`, in seconds. */
  readonly onBegin?: (begunAt: Seconds) => void;
}

/** Where what the sources of one load report is turned into their orders, however it gets here. */
export class OrdersDesk {
  /** Resolves when every source has handed over its outcome; rejects with what the listener throws. */
  readonly handedOver: Promise<void>;
  readonly #sources: number;
  readonly #listener: LoadListener;
  readonly #latest = new Map<number, SourceReport>();
  #orders: Orders = { stop: false };
  readonly #onHandedOver: () => void;
  readonly #onFailed: (reason: unknown) => void;

  constructor(sources: number, listener: LoadListener) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.handedOver = promise;
    // It may fail before anybody waits for it.
    promise.catch(() => undefined);
    this.#onHandedOver = resolve;
    this.#onFailed = reject;
    this.#sources = sources;
    this.#listener = listener;
  }

  /** The orders for a source that reports. */
  take(report: SourceReport): Orders {
    try {
      if (this.#latest.size === 0) this.#listener.onBegin?.(performance.now() / 1000 - report.time);
      this.#latest.set(report.source, report);
      if (this.#listener.onReport(this.#progress()) === 'stop') this.#orders = { stop: true };
    } catch (error) {
      this.#onFailed(error);
      throw error;
    }
    if (this.outcomes.length === this.#sources) this.#onHandedOver();
    return this.#orders;
  }

  /** Gives the load up: its reports cannot get here any more. */
  fail(reason: unknown): void {
    this.#onFailed(reason);
  }

  /** What the sources have handed over so far, in their order. */
  get outcomes(): SourceOutcome[] {
    return [...this.#latest.values()]
      .flatMap(report => report.outcome ?? [])
      .sort((one, other) => one.source - other.source);
  }

  #progress(): TrialProgress {
    const reports = [...this.#latest.values()];
    const sum = (of: (report: SourceReport) => number) => reports.reduce((total, report) => total + of(report), 0);
    return {
      time: Math.max(...reports.map(report => report.time)),
      sent: sum(report => report.sent),
      inProgress: sum(report => report.inProgress),
      overObjective: sum(report => report.overObjective),
      failed: sum(report => report.failed),
    };
  }
}
