import type { Component } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { EventHeap } from './event-heap.ts';
import type { Random } from './random.ts';
import { type Request, RequestQueue, stages } from './request.ts';
import type { ServiceModel } from './service-model.ts';
import type { Span } from './span.ts';

/** How long a thread keeps a core while others wait for one: the base slice of Linux's scheduler. */
const SLICE: Seconds = 0.003;

/** The cores of a machine, and what is counted of them. */
export interface CoresOptions {
  readonly count: number;
  readonly heap: EventHeap;
  readonly random: Random;
  readonly model: Pick<ServiceModel, 'lostCpu'>;
  /** How many times as long as it should everything takes. */
  readonly slowness: Fraction;
  /** What they do is counted over this time. */
  readonly steadyState: Span;
}

/**
 * The cores of a machine. What is ready to run takes turns, first come, first served, a slice at a time: nearly fair
 * sharing, at the price of first come, first served for the short bursts of which nearly everything consists.
 */
export class Cores {
  /** How often a worker's thread had to let others have its core. */
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
   * Computes for a request: an exponential time of this mean, and a known one on top. `true`: there is nothing to
   * compute. Otherwise an event of the heap tells the end of each slice.
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

  /** A slice has ended, and the core goes to who is next. `true`: the request has computed all that it had to. */
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
    // What others keep of the cores is not theirs.
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
