import { isConcurrencyLimited } from '../../../model/topology.ts';
import {
  type DeploymentId,
  type DotCompletion,
  type Frame,
  type Hello,
  REPLAY_DELAY,
  type WorkerState,
} from '../../protocol.ts';
import { Dot } from './dot.ts';
import { HeldDots } from './held-dots.ts';
import { ServerClock } from './server-clock.ts';

/** Of dots that are followed at once; the oldest are forgotten beyond it. */
const MOST_FOLLOWED = 20_000;
/** Completions that are kept until their dots are told of. */
const MOST_EARLY = 5000;
/** Seconds after which nobody will say any more how a request ended. */
const LOST = 60;
/** Seconds by which a clock must have gone back until what was known counts for nothing. */
const BACK = 0.5;
/** Looks at the workers that wait for their moment: no more than the delay needs. */
const MOST_LOOKS = 50;

/** Workers as they were seen at a moment. */
interface Look {
  readonly time: number;
  readonly workers: NonNullable<Frame['workers']>;
}

/** The stage at a moment. */
export interface Picture {
  /** The server's, in seconds since 1970; `undefined`: nothing is known yet. */
  readonly time: number | undefined;
  /** Those that have set out and are not over, in the order in which the page was told of them. */
  readonly dots: readonly Dot[];
  /** Of each deployment, in the order of `StagedDeployment.workers`. */
  readonly workers: Readonly<Record<DeploymentId, readonly WorkerState[]>>;
}

/**
 * Shows what has happened, `REPLAY_DELAY` after it did. A dot does nothing before its request did it; what is told
 * late is made good at once, and nothing goes back. `clock` is the browser's, in seconds from anywhere.
 */
export class Replay {
  /** A dot stands for so many requests. */
  requestsPerDot = 1;
  readonly #clock = new ServerClock();
  readonly #dots = new Map<number, Dot>();
  readonly #early = new Map<number, DotCompletion>();
  readonly #held = new HeldDots();
  readonly #shown: Dot[] = [];
  #looks: Look[] = [];
  #workers: Readonly<Record<DeploymentId, readonly WorkerState[]>> = {};
  #time = Number.NEGATIVE_INFINITY;

  /** The server begins anew: all is forgotten. */
  hello(hello: Hello, clock: number): void {
    this.#clock.forget();
    this.#clock.hear(hello.now, clock);
    this.requestsPerDot = hello.state.requestsPerDot;
    const limited = hello.stage.filter(({ deployment }) => isConcurrencyLimited(deployment.spec));
    this.#held.limited = new Set(limited.map(({ id }) => id));
    this.#workers = {};
    this.#forget();
  }

  /** What has become known since the frame before. */
  frame({ now, arrivals, completions, workers }: Frame, clock: number): void {
    this.#clock.hear(now, clock);
    const time = this.#advance(clock);
    for (const arrival of arrivals) this.#follow(new Dot(arrival, time), time);
    for (const completion of completions) {
      const dot = this.#dots.get(completion[0]);
      if (dot === undefined) this.#keep(completion);
      else dot.complete(completion, time);
    }
    if (workers !== undefined) this.#looks.push({ time: now, workers });
    if (this.#looks.length > MOST_LOOKS) this.#apply(this.#looks[0]);
    this.#clear(time);
  }

  /** The stage as it is to be shown at `clock`; what it gives is its own, and another one at the next call. */
  at(clock: number): Picture {
    const time = this.#advance(clock);
    while (this.#looks[0] !== undefined && this.#looks[0].time <= time) this.#apply(this.#looks[0]);
    this.#shown.length = 0;
    for (const dot of this.#dots.values()) {
      if (dot.isGoneAt(time)) this.#dots.delete(dot.number);
      else if (dot.look(time, this.#computes)) this.#shown.push(dot);
    }
    giveTurns(this.#shown);
    return { time: Number.isFinite(time) ? time : undefined, dots: this.#shown, workers: this.#workers };
  }

  readonly #computes = ({ id, worker }: Dot): boolean => (this.#workers[id]?.[worker]?.computing ?? 0) >= 0.5;

  /** The moment that is shown at `clock`: never an earlier one than before, unless a clock was set. */
  #advance(clock: number): number {
    const now = this.#clock.at(clock);
    if (now === undefined) return Number.NEGATIVE_INFINITY;
    const time = now - REPLAY_DELAY;
    if (time < this.#time - BACK) this.#forget();
    this.#time = Math.max(time, this.#time);
    return this.#time;
  }

  #follow(dot: Dot, time: number): void {
    this.#dots.set(dot.number, dot);
    const known = this.#early.get(dot.number);
    if (known === undefined) return;
    this.#early.delete(dot.number);
    dot.complete(known, time);
  }

  #keep(completion: DotCompletion): void {
    this.#early.set(completion[0], completion);
    for (const number of this.#early.keys()) {
      if (this.#early.size <= MOST_EARLY) break;
      this.#early.delete(number);
    }
  }

  #apply(look: Look | undefined): void {
    if (look === undefined) return;
    this.#looks.shift();
    this.#workers = { ...this.#workers, ...look.workers };
    this.#held.look(look.time, this.#workers, this.#dots.values(), this.requestsPerDot, this.#time);
  }

  /** Lets go of what is over, as nobody may be looking, and of what is too much. */
  #clear(time: number): void {
    for (const [number, dot] of this.#dots) {
      const surplus = this.#dots.size > MOST_FOLLOWED;
      if (surplus || dot.isGoneAt(time) || dot.sentAt < time - LOST) this.#dots.delete(number);
    }
  }

  #forget(): void {
    this.#dots.clear();
    this.#early.clear();
    this.#held.forget();
    this.#looks = [];
    this.#time = Number.NEGATIVE_INFINITY;
  }
}

/** Numbers those that wait, in the order in which they came to the pool of their deployment. */
function giveTurns(dots: readonly Dot[]): void {
  const pools = new Map<DeploymentId, Dot[]>();
  for (const dot of dots) {
    if (dot.phase !== 'waiting') continue;
    const pool = pools.get(dot.id);
    if (pool === undefined) pools.set(dot.id, [dot]);
    else pool.push(dot);
  }
  for (const pool of pools.values()) {
    pool.sort((one, other) => one.arrives - other.arrives || one.number - other.number);
    pool.forEach((dot, place) => {
      dot.place = place;
    });
  }
}
