import type { Component } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { EventHeap } from './event-heap.ts';
import type { Random } from './random.ts';
import { type Request, RequestQueue, stages } from './request.ts';
import type { ServiceModel } from './service-model.ts';

/** How long a thread keeps a core while others wait for one: the base slice of Linux's scheduler. */
const SLICE: Seconds = 0.003;

/** A span of time over which something is counted. */
export class Span {
  readonly from: Seconds;
  to: Seconds;

  constructor(from: Seconds, to: Seconds) {
    this.from = from;
    this.to = to;
  }

  get length(): Seconds {
    return Math.max(0, this.to - this.from);
  }

  holds(time: Seconds): boolean {
    return time >= this.from && time < this.to;
  }

  /** Seconds of the time from `begin` to `end` that lie in it. */
  overlap(begin: Seconds, end: Seconds): Seconds {
    const from = begin > this.from ? begin : this.from;
    const to = end < this.to ? end : this.to;
    return to > from ? to - from : 0;
  }
}

export interface CoresOptions {
  readonly count: number;
  readonly heap: EventHeap;
  readonly random: Random;
  readonly model: Pick<ServiceModel, 'lostCpu'>;
  /** How many times as long as in the model everything takes. */
  readonly slowness: Fraction;
  /** The time over which CPU is counted. */
  readonly steadyState: Span;
}

/**
 * The cores of a machine. Threads that are ready take turns in order of arrival, a slice at a time: nearly fair sharing, at
 * the price of first come, first served for short bursts.
 */
export class Cores {
  /** How often a worker's thread lost its core before it was done. */
  interruptions = 0;
  readonly #options: CoresOptions;
  readonly #ready = new RequestQueue();
  readonly #ranAt = new Float64Array(Object.keys(stages).length);
  readonly #stretch: number;
  #free: number;

  constructor(options: CoresOptions) {
    const { model, slowness, count } = options;
    this.#options = options;
    this.#stretch = slowness / (1 - (model.lostCpu ?? 0));
    this.#free = count;
  }

  /**
   * Computes for a request: an exponential time of this mean, and a known one on top. `true`: nothing to compute.
   * Otherwise an event of the heap marks the end of each slice.
   */
  compute(request: Request, now: Seconds, mean: Seconds, known: Seconds = 0): boolean {
    const seconds = mean === 0 ? known : known + mean * this.#options.random.exponential();
    if (seconds === 0) return true;
    request.left = seconds * this.#stretch;
    if (this.#free === 0) this.#ready.push(request);
    else {
      this.#free--;
      this.#start(request, now);
    }
    return false;
  }

  /** Ends a slice and gives the core to the next request. `true`: this one has computed all it had to. */
  endSlice(request: Request, now: Seconds): boolean {
    const { stage, since } = request;
    this.#ranAt[stage] = (this.#ranAt[stage] as number) + this.#options.steadyState.overlap(since, now);
    const done = request.left <= SLICE;
    request.left -= SLICE;
    if (!done) {
      if (stage === stages.begun || stage === stages.finishing) this.interruptions++;
      this.#ready.push(request);
    }
    const next = this.#ready.shift();
    if (next === undefined) this.#free++;
    else this.#start(next, now);
    return done;
  }

  /** CPU seconds of each component in the steady state. */
  get cpu(): Record<Component, Seconds> {
    // The part of the cores that other programs keep is not the components'.
    const own = 1 - (this.#options.model.lostCpu ?? 0);
    const ran = (...at: readonly number[]) => own * at.reduce((sum, stage) => sum + (this.#ranAt[stage] ?? 0), 0);
    return {
      nginx: ran(stages.passedOn, stages.passedBack),
      workers: ran(stages.begun, stages.finishing),
      postgres: ran(stages.querying),
      k6: ran(stages.sending, stages.receiving),
    };
  }

  #start(request: Request, now: Seconds): void {
    request.since = now;
    this.#options.heap.push(now + Math.min(request.left, SLICE), request.slot);
  }
}
