/** A request that was sent, by the time at which it was due, in seconds since the load began. */
export interface Waiting {
  readonly intended: number;
}

/** Counts the requests that are over the objective by now: answered later than it, failed, or waiting for longer. */
export class OverObjective {
  /** Those in progress that are not over it yet, in the order of their intended sends. */
  readonly #inTime = new Set<Waiting>();
  #over = 0;

  sent(request: Waiting): void {
    this.#inTime.add(request);
  }

  neverSent(): void {
    this.#over++;
  }

  /** A request has ended; `over`: too late, or without success. One that was counted while it waited is not counted again. */
  ended(request: Waiting, over: boolean): void {
    if (this.#inTime.delete(request) && over) this.#over++;
  }

  /** How many are over an objective of so many seconds at the time `now`. */
  at(now: number, objective: number): number {
    for (const request of this.#inTime) {
      if (now - request.intended <= objective) break;
      this.#inTime.delete(request);
      this.#over++;
    }
    return this.#over;
  }
}
