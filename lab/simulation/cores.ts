import type { Seconds } from '../experiment/units.ts';
import type { EventHeap } from './event-heap.ts';
import { type Request, RequestQueue } from './request.ts';

/** How long a thread keeps a core while others wait for one: the base slice of Linux's scheduler. */
const SLICE: Seconds = 0.003;

/**
 * The cores of a machine. What is ready to run takes turns, first come, first served, a slice at a time: nearly fair
 * sharing, at the price of first come, first served for the short bursts of which nearly everything consists.
 */
export class Cores {
  readonly #heap: EventHeap;
  readonly #ready = new RequestQueue();
  #free: number;

  constructor(count: number, heap: EventHeap) {
    this.#free = count;
    this.#heap = heap;
  }

  /** Runs the request for the seconds that it has left, as soon as its turn comes; an event tells the end of a slice. */
  run(request: Request, now: Seconds): void {
    if (this.#free === 0) {
      this.#ready.push(request);
      return;
    }
    this.#free--;
    this.#start(request, now);
  }

  /** The end of a slice: the core goes to who is next. Whether the request has run for all that it needed. */
  endSlice(request: Request, now: Seconds): boolean {
    const done = request.left <= SLICE;
    request.left -= SLICE;
    if (!done) this.#ready.push(request);
    const next = this.#ready.shift();
    if (next === undefined) this.#free++;
    else this.#start(next, now);
    return done;
  }

  #start(request: Request, now: Seconds): void {
    request.since = now;
    this.#heap.push(now + Math.min(request.left, SLICE), request.slot);
  }
}
