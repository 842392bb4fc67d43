import { TourFailure } from './step.ts';
import type { WaitingClock } from './waiting-clock.ts';

/** Seconds between two looks while something is waited for. */
const TICK = 0.05;

/** Waits of one measurement: each ends at its limit, and all at once when they are aborted. */
export class Waiting {
  readonly #clock: WaitingClock;
  readonly #signal: AbortSignal;
  readonly #onTick: () => void;

  /** `onTick` is called many times a second while something is waited for; what it throws ends the wait. */
  constructor(clock: WaitingClock, signal: AbortSignal, onTick: () => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#onTick = onTick;
  }

  async pause(seconds: number): Promise<void> {
    const end = this.#clock.now() + seconds;
    for (let left = seconds; left > 1e-6; left = end - this.#clock.now()) await this.#tick(left);
  }

  /** Until the condition holds; after so many seconds it is a failure, said in a sentence. */
  async until(condition: () => boolean, limit: number, otherwise: string): Promise<void> {
    if (!(await this.holds(condition, limit))) throw new TourFailure(otherwise);
  }

  /** Whether the condition holds within so many seconds. */
  async holds(condition: () => boolean, limit: number): Promise<boolean> {
    const end = this.#clock.now() + limit;
    while (!condition()) {
      if (this.#clock.now() >= end) return false;
      await this.#tick(TICK);
    }
    return true;
  }

  async #tick(most: number): Promise<void> {
    await this.#clock.wait(Math.min(TICK, most), this.#signal);
    this.#onTick();
  }
}
