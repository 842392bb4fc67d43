import type { PoissonArrivals } from '../../model/poisson-arrivals.ts';

/** Seconds that a row of sends may take before answers and orders have their turn. */
export const LONGEST_TURN = 0.02;

/** What is done with arrivals; times in seconds. */
interface Arriving {
  readonly now: () => number;
  /** Sends an arrival that was due at `intended`, and does not wait for its answer. */
  readonly send: (intended: number) => void;
  /** Drops an arrival that is behind when the rate is changed; absent: it is sent. */
  readonly leaveOut?: (intended: number) => void;
  /** Absent: they never end. */
  readonly end?: number;
}

/** An open load: every arrival is sent when it is due, however many earlier ones are still unanswered. */
export class Arrivals {
  readonly #process: PoissonArrivals;
  readonly #arriving: Arriving;
  readonly #end: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  #onEnd: (() => void) | undefined;

  constructor(process: PoissonArrivals, arriving: Arriving) {
    this.#process = process;
    this.#arriving = arriving;
    this.#end = arriving.end ?? Number.POSITIVE_INFINITY;
  }

  /** Sends until the end, or until it is stopped. */
  run(): Promise<void> {
    return new Promise(resolve => {
      this.#onEnd = resolve;
      this.#sendDue();
    });
  }

  /** Goes on at another rate, per second, from now on. */
  changeRate(arrivalRate: number): void {
    if (this.#ended || arrivalRate === this.#process.arrivalRate) return;
    this.#settle();
    this.#process.changeRate(arrivalRate, this.#arriving.now());
    this.#sendDue();
  }

  /** Sends what is due by now, and no more. */
  stop(): void {
    if (this.#ended) return;
    this.#settle();
    this.#finish();
  }

  /** Sends what is due by now, or a turn's worth of it, and comes back when the next arrival is due. */
  #sendDue(): void {
    if (this.#ended) return;
    const { now, send } = this.#arriving;
    const began = now();
    let time = began;
    while (this.#isDue(began) && time - began < LONGEST_TURN) {
      send(this.#process.take());
      time = now();
    }
    if (began >= this.#end && !this.#isDue(began)) this.#finish();
    else this.#waitUntil(Math.min(this.#process.due, this.#end));
  }

  /** Leaves nothing behind that was due by now. */
  #settle(): void {
    const { now, send, leaveOut = send } = this.#arriving;
    this.#sendDue();
    for (const time = now(); this.#isDue(time); ) leaveOut(this.#process.take());
  }

  #isDue(time: number): boolean {
    return this.#process.due <= time && this.#process.due < this.#end;
  }

  #waitUntil(next: number): void {
    clearTimeout(this.#timer);
    // Nothing is due at a rate of 0, and no timer can wait for ever.
    if (!Number.isFinite(next)) return;
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, next - this.#arriving.now()) * 1000);
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#onEnd?.();
  }
}
