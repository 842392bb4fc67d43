import { setTimeout } from 'node:timers/promises';

/** Time as the tour sees it; a simulated clock measures a whole step in milliseconds. */
export interface WaitingClock {
  /** Seconds since 1970. */
  now(): number;
  /** Resolves after so many seconds; rejects with the signal's reason as soon as it is aborted. */
  wait(seconds: number, signal: AbortSignal): Promise<void>;
}

export const machineClock: WaitingClock = {
  now: () => Date.now() / 1000,
  wait: async (seconds, signal) => {
    try {
      await setTimeout(seconds * 1000, undefined, { signal });
    } catch {
      signal.throwIfAborted();
    }
  },
};

/** Something prevented the measurement: what, and what to do. The tour shows it as its `failure`. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}

/** Seconds between two looks at a condition. */
const TICK = 0.05;

/** The waits of one measurement: each has a limit, and aborting the signal ends them all. */
export class Waiting {
  readonly #clock: WaitingClock;
  readonly #signal: AbortSignal;
  readonly #onTick: () => void;

  /** `onTick` is called many times a second during a wait; if it throws, the wait ends. */
  constructor(clock: WaitingClock, signal: AbortSignal, onTick: () => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#onTick = onTick;
  }

  async pause(seconds: number): Promise<void> {
    const end = this.#clock.now() + seconds;
    for (let left = seconds; left > 1e-6; left = end - this.#clock.now()) await this.#tick(left);
  }

  /** Waits until the condition holds; fails with this message after so many seconds. */
  async until(condition: () => boolean, limit: number, message: string): Promise<void> {
    if (!(await this.holds(condition, limit))) throw new TourFailure(message);
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
