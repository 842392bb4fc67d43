import { exponential, type Random } from './random.ts';

/** The intended sends of one source: gaps are exponential, so that sources add up to one Poisson process. */
export class PoissonArrivals {
  readonly #random: Random;
  #arrivalRate: number;
  #due: number;

  /** Arrivals from the time 0 on, at `arrivalRate` per second; a rate of 0 has none. */
  constructor(random: Random, arrivalRate: number) {
    this.#random = random;
    this.#arrivalRate = arrivalRate;
    this.#due = this.#gapAfter(0);
  }

  /** Per second. */
  get arrivalRate(): number {
    return this.#arrivalRate;
  }

  /** When the next arrival is due, in seconds; infinite at a rate of 0. */
  get due(): number {
    return this.#due;
  }

  /** Takes the arrival that is due: its intended send, in seconds. */
  take(): number {
    const intended = this.#due;
    this.#due = this.#gapAfter(intended);
    return intended;
  }

  /** Goes on from `now` at another rate, per second. The process has no memory, so the gap that was begun is drawn anew. */
  changeRate(arrivalRate: number, now: number): void {
    if (arrivalRate === this.#arrivalRate) return;
    this.#arrivalRate = arrivalRate;
    this.#due = this.#gapAfter(now);
  }

  #gapAfter(time: number): number {
    return this.#arrivalRate > 0 ? time + exponential(this.#random) / this.#arrivalRate : Number.POSITIVE_INFINITY;
  }
}
