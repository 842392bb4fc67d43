import type { LiveBurst, LiveOrders, LiveReport } from '../../../model/wire.ts';
import { OBJECTIVE } from '../../protocol.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Generator } from '../parts.ts';

/** Seconds without a question after which the generator counts as gone. */
const SILENCE = 3;
/** Bursts that are kept, and for how many seconds: a generator that is away for longer missed them. */
const BURSTS_KEPT = 50;
const BURST_KEPT_FOR = 10;

/** Until something else is ordered. */
const rest: Omit<LiveOrders, 'number' | 'bursts'> = {
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
  /** The start of the generator that was told of it: told twice it is the same burst, another start would send it again. */
  toldTo?: number;
}

/** Where the generator reports and gets its orders: one generator, the one that was started last. */
export class GeneratorDesk implements Generator {
  readonly #clock: Clock;
  readonly #listeners: ((report: LiveReport) => void)[] = [];
  #orders = rest;
  /** Above every number of an earlier start of the dashboard, which the generator may have outlived. */
  #number: number;
  #burstNumber: number;
  #bursts: KeptBurst[] = [];
  /** Of the generator that is listened to. */
  #started = Number.NEGATIVE_INFINITY;
  #lastNumber = 0;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#number = Math.floor(clock() * 1000);
    this.#burstNumber = this.#number;
  }

  get connected(): boolean {
    return this.#clock() - this.#askedAt <= SILENCE;
  }

  obey(orders: Omit<LiveOrders, 'number' | 'bursts'>): void {
    this.#orders = orders;
    this.#number += 1;
  }

  burst(burst: Omit<LiveBurst, 'number'>): void {
    this.#burstNumber += 1;
    this.#bursts.push({ burst: { ...burst, number: this.#burstNumber }, orderedAt: this.#clock() });
    this.#forgetBursts();
  }

  /** Has `listener` called with each report, once. */
  listen(listener: (report: LiveReport) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a report; what its generator is to do. */
  answer(report: LiveReport): LiveOrders {
    if (this.connected && report.started < this.#started) {
      return { ...this.#orders, number: this.#number, stop: true, bursts: [] };
    }
    if (report.started !== this.#started) {
      this.#started = report.started;
      this.#lastNumber = 0;
    }
    this.#askedAt = this.#clock();
    if (report.number > this.#lastNumber) {
      this.#lastNumber = report.number;
      for (const listener of this.#listeners) listener(report);
    }
    return { ...this.#orders, number: this.#number, bursts: this.#burstsFor(report.started) };
  }

  #burstsFor(started: number): LiveBurst[] {
    this.#forgetBursts();
    const told = this.#bursts.filter(({ toldTo = started }) => toldTo === started);
    for (const kept of told) kept.toldTo = started;
    return told.map(({ burst }) => burst);
  }

  #forgetBursts(): void {
    const oldest = this.#clock() - BURST_KEPT_FOR;
    this.#bursts = this.#bursts.filter(({ orderedAt }) => orderedAt > oldest).slice(-BURSTS_KEPT);
  }
}
