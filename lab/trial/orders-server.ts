import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Orders, SourceOutcome, SourceReport } from '../../loadtests/lib/orders.ts';
import type { PerSecond, Seconds } from '../experiment/units.ts';
import type { TrialProgress } from './runtime.ts';

/** Who listens to a load while it runs. */
export interface LoadListener {
  /** Called several times a second with what all sources tell; the load stops when it answers `'stop'`. */
  readonly onReport: (progress: TrialProgress) => 'go-on' | 'stop';
  /** Called once, when the load has begun: its time 0 on the clock of `performance.now()`, in seconds. */
  readonly onBegin?: (begunAt: Seconds) => void;
}

/** The address that the sources of one load report to and get their orders from. */
export class OrdersServer implements AsyncDisposable {
  /** Resolves when every source has handed over its outcome; rejects with what the listener throws. */
  readonly handedOver: Promise<void>;
  readonly #server: Server;
  readonly #sources: number;
  readonly #listener: LoadListener;
  readonly #latest = new Map<number, SourceReport>();
  #orders: Orders;
  #onHandedOver: () => void;
  #onFailed: (reason: unknown) => void;

  private constructor(sources: number, arrivalRate: PerSecond, listener: LoadListener) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.handedOver = promise;
    this.#onHandedOver = resolve;
    this.#onFailed = reject;
    this.#sources = sources;
    this.#listener = listener;
    this.#orders = { arrivalRate, stop: false };
    this.#server = createServer((request, response) => {
      this.#answer(request).then(
        orders => response.setHeader('content-type', 'application/json').end(JSON.stringify(orders)),
        error => {
          this.#onFailed(error);
          response.writeHead(500).end();
        },
      );
    });
  }

  /** Opens it on a free port of the loopback address. */
  static async listen(sources: number, arrivalRate: PerSecond, listener: LoadListener): Promise<OrdersServer> {
    const server = new OrdersServer(sources, arrivalRate, listener);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** What the sources have handed over so far, in their order. */
  get outcomes(): SourceOutcome[] {
    return [...this.#latest.values()]
      .flatMap(report => report.outcome ?? [])
      .sort((one, other) => one.source - other.source);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage): Promise<Orders> {
    const report = (await json(request)) as SourceReport;
    if (this.#latest.size === 0) this.#listener.onBegin?.(performance.now() / 1000 - report.time);
    this.#latest.set(report.source, report);
    if (this.#listener.onReport(this.#progress()) === 'stop') this.#orders = { ...this.#orders, stop: true };
    if (this.outcomes.length === this.#sources) this.#onHandedOver();
    return this.#orders;
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
