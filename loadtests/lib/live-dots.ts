/** Picks every n-th request of a row, the first one included. */
export class EveryNth {
  #passed = Number.POSITIVE_INFINITY;

  /** Whether the next one is picked, with so many for each that is. */
  picks(n: number): boolean {
    this.#passed++;
    if (this.#passed < n) return false;
    this.#passed = 0;
    return true;
  }
}

/**
 * Numbers for the dots of a generator that started so many seconds after 1970. A thousand are there for each of its
 * milliseconds, so no later start uses one again, and they stay whole numbers for centuries.
 */
export class DotNumbers {
  #next: number;

  constructor(started: number) {
    this.#next = Math.round(started * 1000) * 1000;
  }

  take(): number {
    return this.#next++;
  }
}
