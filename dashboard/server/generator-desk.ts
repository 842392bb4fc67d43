import { type FastifyInstance, fastify } from 'fastify';
import type { LiveBurst, LiveOrders, LiveReport } from '../../model/wire.ts';
import { OBJECTIVE } from '../protocol.ts';

/** Seconds without a report after which k6 counts as gone. */
const SILENCE = 3;
/** Bursts that are kept, and for how many seconds: a k6 that is away for longer missed them. */
const BURSTS_KEPT = 50;
const BURST_KEPT_FOR = 10;
/** Bytes. */
const LONGEST_REPORT = 1_000_000;
/** Seconds. */
const REPORT_LIMIT = 5;
const KEEP_ALIVE = 30;

/** Until other orders are given. */
const noLoad: Omit<LiveOrders, 'number' | 'bursts'> = {
  stop: true,
  arrivalRate: 0,
  users: 0,
  thinkTime: 1,
  targets: [],
  requests: [],
  timeLimit: 10,
  objective: OBJECTIVE,
  requestsPerDot: 1,
};

interface KeptBurst {
  readonly burst: LiveBurst;
  readonly orderedAt: number;
  /** The start of the k6 that got it. That one may get it twice; another k6 would send it again. */
  sentTo?: number;
}

/** Takes the reports of k6 and gives it orders. Of several k6 processes it listens to the one that started last. */
export class GeneratorDesk {
  readonly #clock: () => number;
  readonly #listeners: ((report: LiveReport) => void)[] = [];
  #orders = noLoad;
  /** Higher than all numbers of an earlier dashboard, whose k6 may still run. */
  #number: number;
  #burstNumber: number;
  #bursts: KeptBurst[] = [];
  /** When the current k6 started, its last report, and when that came. */
  #started = Number.NEGATIVE_INFINITY;
  #lastReport = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#number = Math.floor(clock() * 1000);
    this.#burstNumber = this.#number;
  }

  /** Whether k6 has reported within the last seconds. */
  get connected(): boolean {
    return this.#clock() - this.#reportedAt <= SILENCE;
  }

  /** Sets the orders from the next report on. */
  obey(orders: Omit<LiveOrders, 'number' | 'bursts'>): void {
    this.#orders = orders;
    this.#number += 1;
  }

  /** Has a burst sent once. */
  burst(burst: Omit<LiveBurst, 'number'>): void {
    this.#burstNumber += 1;
    this.#bursts.push({ burst: { ...burst, number: this.#burstNumber }, orderedAt: this.#clock() });
    this.#forgetBursts();
  }

  /** Calls `listener` with each report, once. */
  listen(listener: (report: LiveReport) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a report, and gives the orders for its k6. */
  answer(report: LiveReport): LiveOrders {
    if (this.connected && report.started < this.#started) {
      return { ...this.#orders, number: this.#number, stop: true, bursts: [] };
    }
    if (report.started !== this.#started) {
      this.#started = report.started;
      this.#lastReport = 0;
    }
    this.#reportedAt = this.#clock();
    if (report.number > this.#lastReport) {
      this.#lastReport = report.number;
      for (const listener of this.#listeners) listener(report);
    }
    return { ...this.#orders, number: this.#number, bursts: this.#burstsFor(report.started) };
  }

  #burstsFor(started: number): LiveBurst[] {
    this.#forgetBursts();
    const sent = this.#bursts.filter(({ sentTo = started }) => sentTo === started);
    for (const kept of sent) kept.sentTo = started;
    return sent.map(({ burst }) => burst);
  }

  #forgetBursts(): void {
    const oldest = this.#clock() - BURST_KEPT_FOR;
    this.#bursts = this.#bursts.filter(({ orderedAt }) => orderedAt > oldest).slice(-BURSTS_KEPT);
  }
}

/** The server to which k6 posts its reports. It refuses browsers. */
export function createDeskServer(desk: GeneratorDesk): FastifyInstance {
  const app = fastify({
    bodyLimit: LONGEST_REPORT,
    requestTimeout: REPORT_LIMIT * 1000,
    keepAliveTimeout: KEEP_ALIVE * 1000,
    forceCloseConnections: true,
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
    return reply.code(403).send({ detail: 'This address is for k6 alone.' });
  });
  app.post<{ Body: LiveReport }>('/', async ({ body }) => desk.answer(body));
  return app;
}
