import type { WaitingClock } from '../waiting-clock.ts';

/** A clock that stands still until somebody waits; what is due meanwhile happens in its order. */
export class SimulatedClock implements WaitingClock {
  #now = 1000;
  #events: { readonly at: number; readonly happen: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** Something happens after so many seconds. */
  after(seconds: number, happen: () => void): void {
    this.#events.push({ at: this.#now + seconds, happen });
  }

  async wait(seconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw signal.reason;
    const end = this.#now + seconds;
    for (let next = this.#nextBy(end); next !== undefined; next = this.#nextBy(end)) {
      this.#now = next.at;
      next.happen();
    }
    this.#now = end;
    // Whoever else waits for something has a turn.
    await new Promise(setImmediate);
    if (signal.aborted) throw signal.reason;
  }

  #nextBy(end: number) {
    const earliest = this.#events.reduce<number>((at, event) => Math.min(at, event.at), Number.POSITIVE_INFINITY);
    if (earliest > end) return undefined;
    const index = this.#events.findIndex(({ at }) => at === earliest);
    return this.#events.splice(index, 1)[0];
  }
}
