import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';

/**
 * One client of the event stream. What it does not read in time it does not get: when the buffers between here and it
 * are full nothing more is put into them, and when they are empty again it is greeted anew.
 */
export class Watcher {
  readonly #response: ServerResponse;
  readonly #hello: () => Buffer;
  readonly #clock: Clock;
  #fullSince: number | undefined;
  /** What it has yet to read begins with a greeting: the history, which may take a slow line seconds. */
  #greeting = false;
  #missed = false;

  constructor(response: ServerResponse, hello: () => Buffer, clock: Clock) {
    this.#response = response;
    this.#hello = hello;
    this.#clock = clock;
    response.on('drain', () => this.#drained());
    // It is gone; `close` follows.
    response.on('error', () => response.destroy());
  }

  /** Since when it has not read all that it was sent, in seconds since 1970; `undefined`: it has. */
  get fullSince(): number | undefined {
    return this.#fullSince;
  }

  /** Tells it who it is and what there is. */
  greet(): void {
    this.#missed = false;
    this.#greeting = !this.#write(this.#hello());
  }

  /**
   * Tells it an event, unless it is behind. On the way to it behind a greeting there is room for what is `small` and
   * will be missed; of frames it does not matter with which it begins.
   */
  tell(bytes: Buffer, small: boolean): void {
    if (this.#fullSince === undefined || (this.#greeting && small)) this.#write(bytes);
    else if (!this.#greeting) this.#missed = true;
  }

  /** Ends its connection at once. */
  cut(): void {
    this.#response.destroy();
  }

  /** Whether it has room for more. */
  #write(bytes: Buffer): boolean {
    const room = this.#response.write(bytes);
    if (!room) this.#fullSince ??= this.#clock();
    return room;
  }

  #drained(): void {
    this.#fullSince = undefined;
    this.#greeting = false;
    if (this.#missed) this.greet();
  }
}
