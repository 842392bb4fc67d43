import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { LiveOrders, LiveReport } from '../../model/wire.ts';

/** Nothing is sent, to nobody. */
export const noOrders: LiveOrders = {
  number: 1,
  targets: [],
  requests: [{ weight: 1, method: 'GET', path: '/plain' }],
  arrivalRate: 0,
  users: 0,
  thinkTime: 0,
  timeLimit: 5,
  objective: 0.25,
  requestsPerDot: 1,
  bursts: [],
  stop: false,
};

/** A desk that a live load asks for its orders. */
export class LiveDesk implements AsyncDisposable {
  orders: LiveOrders;
  /** Whether reports are answered; one that is not has come all the same. */
  answering = true;
  /** Called with every report that comes, and again when it is told again. */
  onReport: (report: LiveReport) => void = () => {};
  readonly #waiting = new Set<(report: LiveReport) => void>();
  readonly #server = createServer(async (request, response) => {
    const report = (await json(request)) as LiveReport;
    if (this.answering) response.end(JSON.stringify(this.orders));
    else request.socket.destroy();
    this.onReport(report);
    for (const listen of [...this.#waiting]) listen(report);
  });

  private constructor(orders: LiveOrders) {
    this.orders = orders;
  }

  static async open(orders: Partial<LiveOrders> = {}): Promise<LiveDesk> {
    const desk = new LiveDesk({ ...noOrders, ...orders });
    desk.#server.listen(0, '127.0.0.1');
    await once(desk.#server, 'listening');
    return desk;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Gives other orders from the next answer on. */
  order(change: Partial<LiveOrders>): void {
    this.orders = { ...this.orders, ...change, number: this.orders.number + 1 };
  }

  /** The first report from now on of which `condition` holds; rejects when none has come after so many seconds. */
  async report(condition: (report: LiveReport) => boolean = () => true, within = 10): Promise<LiveReport> {
    const { promise, resolve, reject } = Promise.withResolvers<LiveReport>();
    const late = setTimeout(() => reject(new Error(`no such report has come within ${within} s`)), within * 1000);
    const listen = (report: LiveReport) => condition(report) && resolve(report);
    this.#waiting.add(listen);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(listen);
    }
  }

  /** The first report of a load that obeys the orders that hold now. */
  obeyed(): Promise<LiveReport> {
    const { number } = this.orders;
    return this.report(({ obeys }) => obeys === number);
  }

  /** The first report that is told so many seconds after another one. */
  after(seconds: number, { time }: LiveReport): Promise<LiveReport> {
    return this.report(report => report.time >= time + seconds, seconds + 10);
  }

  /** Orders a stop; the first report after which there is nothing more to tell. */
  async drained(): Promise<LiveReport> {
    this.order({ stop: true });
    const { number } = this.orders;
    return this.report(({ obeys, inProgress }) => obeys === number && inProgress === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
