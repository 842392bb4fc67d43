/** Measurements that are remembered: the last seconds' worth. */
const REMEMBERED = 25;
/** Seconds of error that are made good in a second: too little to be seen. */
const SLEW = 0.05;
/** Seconds from which on an error is not made good little by little: one of the clocks was set, or the machine slept. */
const BROKEN = 1;

/**
 * The server's clock, as the browser can know it: each message says when it was written, and the one that was under way
 * for the shortest time is the nearest to the truth. Without jumps, unless a clock itself has jumped.
 */
export class ServerClock {
  readonly #offsets: number[] = [];
  #offset: number | undefined;
  #correctedAt = 0;

  /** A message came at `clock` (the browser's seconds, from anywhere) and was written at `written` (the server's). */
  hear(written: number, clock: number): void {
    this.#offsets.push(written - clock);
    if (this.#offsets.length > REMEMBERED) this.#offsets.shift();
  }

  /** The server's time at `clock`, which does not go back; `undefined` while nothing was heard. */
  at(clock: number): number | undefined {
    if (this.#offsets.length === 0) return undefined;
    const best = Math.max(...this.#offsets);
    const error = best - (this.#offset ?? Number.NEGATIVE_INFINITY);
    const correctable = SLEW * Math.max(0, clock - this.#correctedAt);
    this.#correctedAt = clock;
    this.#offset =
      this.#offset === undefined || Math.abs(error) > BROKEN
        ? best
        : this.#offset + Math.min(Math.max(error, -correctable), correctable);
    return clock + this.#offset;
  }

  /** Another server, or the same after a pause. */
  forget(): void {
    this.#offsets.length = 0;
    this.#offset = undefined;
  }
}
