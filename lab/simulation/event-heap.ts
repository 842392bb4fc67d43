import type { Seconds } from '../../model/quantities.ts';

/** What is to happen, earliest first: a binary heap of times, each with a whole number that says what it is. */
export class EventHeap {
  /** When the earliest event happens; infinite when there is none. */
  earliest: Seconds = Number.POSITIVE_INFINITY;
  #times = new Float64Array(256);
  #events = new Int32Array(256);
  #size = 0;

  push(time: Seconds, event: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const events = this.#events;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = times[parent] as number;
      if (above <= time) break;
      times[hole] = above;
      events[hole] = events[parent] as number;
      hole = parent;
    }
    times[hole] = time;
    events[hole] = event;
    this.earliest = times[0] as number;
  }

  /** Takes the earliest event out; there must be one. */
  pop(): number {
    const times = this.#times;
    const events = this.#events;
    const first = events[0] as number;
    const size = --this.#size;
    const time = times[size] as number;
    const event = events[size] as number;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++;
      const below = times[child] as number;
      if (time <= below) break;
      times[hole] = below;
      events[hole] = events[child] as number;
      hole = child;
    }
    times[hole] = time;
    events[hole] = event;
    this.earliest = size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number);
    return first;
  }

  #grow(): void {
    const [times, events] = [this.#times, this.#events];
    this.#times = new Float64Array(2 * times.length);
    this.#events = new Int32Array(2 * events.length);
    this.#times.set(times);
    this.#events.set(events);
  }
}
