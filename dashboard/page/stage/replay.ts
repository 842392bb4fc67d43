import { isConcurrencyLimited } from '../../../model/topology.ts';
import { type DeploymentId, type Frame, type Hello, REPLAY_DELAY, type WorkerState } from '../../protocol.ts';
import { Dot } from './dot.ts';

/** Messages by which the server's clock is known: those of the last 5 s. */
const REMEMBERED = 25;
/** Seconds by which a clock must have gone back until all is forgotten. */
const BACK = 0.5;
/** Seconds after which the end of a request is not waited for any more. */
const LOST = 60;

/** The stage at one time. */
export interface Picture {
  /** Those that have set out and are not gone. */
  readonly dots: readonly Dot[];
  /** For each deployment, in the order of `StagedDeployment.workers`; another object whenever one has changed. */
  readonly workers: Readonly<Record<DeploymentId, readonly WorkerState[]>>;
}

/**
 * Shows what has happened, `REPLAY_DELAY` after it did. A dot does nothing before its request did it; what becomes known
 * late is made up for at once, and nothing goes back. `clock` is the browser's, in seconds from any origin.
 */
export class Replay {
  requestsPerDot = 1;
  /** Of the last messages: when they were written by the server's clock, less when they came by the browser's. */
  #offsets: number[] = [];
  #time = Number.NEGATIVE_INFINITY;
  readonly #dots = new Map<number, Dot>();
  /** Workers as they were seen, until it is time to show it. */
  #looks: { readonly time: number; readonly workers: NonNullable<Frame['workers']> }[] = [];
  #workers: Picture['workers'] = {};
  #held = new HeldDots(new Set());

  /** Starts over, with this server. */
  hello({ now, stage }: Hello, clock: number): void {
    this.#offsets = [now - clock];
    this.#workers = {};
    this.#forget();
    const blocking = stage.filter(({ deployment }) => isConcurrencyLimited(deployment.spec));
    this.#held = new HeldDots(new Set(blocking.map(({ id }) => id)));
  }

  /** Takes in what has become known since the last frame. */
  frame({ now, arrivals, completions, workers }: Frame, clock: number): void {
    this.#offsets = [...this.#offsets, now - clock].slice(-REMEMBERED);
    const time = this.#advance(clock);
    for (const arrival of arrivals) this.#dots.set(arrival[1], new Dot(arrival, time));
    for (const completion of completions) this.#dots.get(completion[0])?.complete(completion, time);
    if (workers !== undefined) this.#looks.push({ time: now, workers });
    // Here, as a hidden page draws nothing.
    for (const [number, dot] of this.#dots) {
      if (dot.isGoneAt(time) || dot.sentAt < time - LOST) this.#dots.delete(number);
    }
  }

  /** The stage as it is to be shown at `clock`. */
  at(clock: number): Picture {
    const time = this.#advance(clock);
    const dots = [...this.#dots.values()].filter(dot => dot.look(time, this.#workers[dot.id]));
    return { dots, workers: this.#workers };
  }

  /** The server's time that is shown at `clock`; it does not go back unless a clock was set. */
  #advance(clock: number): number {
    // The message with the shortest delay is nearest to the truth.
    const time = clock + Math.max(...this.#offsets) - REPLAY_DELAY;
    if (time < this.#time - BACK) this.#forget();
    this.#time = Math.max(time, this.#time);
    for (let look = this.#looks[0]; look !== undefined && look.time <= this.#time; look = this.#looks[0]) {
      this.#looks.shift();
      const workers = { ...this.#workers, ...look.workers };
      if (JSON.stringify(workers) !== JSON.stringify(this.#workers)) this.#workers = workers;
      this.#held.look(look.time, workers, [...this.#dots.values()], this.requestsPerDot, this.#time);
    }
    return this.#time;
  }

  #forget(): void {
    this.#dots.clear();
    this.#held = new HeldDots(this.#held.blocking);
    this.#looks = [];
    this.#time = Number.NEGATIVE_INFINITY;
  }
}

/** Looks in a row, at five a second, in which a worker must hold more than is known: one may be a difference in time. */
const LOOKS = { loop: 2, blocking: 4 } as const;
/** Seconds that a dot has waited before it is placed with a worker. */
const SETTLED = 0.2;

/**
 * Places dots with workers before their completion is known. A request that takes longer than the replay's delay would
 * else seem to wait although a worker has long had it. A worker whose counter says that it holds more than the dots known
 * to be with it gets the dots that have waited longest.
 */
class HeldDots {
  /** Deployments whose workers serve a limited number of requests at once. */
  readonly blocking: ReadonlySet<DeploymentId>;
  /** For each deployment, by look and worker: requests held beyond those known. */
  readonly #surpluses = new Map<DeploymentId, number[][]>();

  constructor(blocking: ReadonlySet<DeploymentId>) {
    this.blocking = blocking;
  }

  /** The workers were seen at `time`; what follows from it is shown from `now` on. */
  look(time: number, workers: Picture['workers'], dots: readonly Dot[], requestsPerDot: number, now: number): void {
    for (const [id, states] of Object.entries(workers)) {
      const own = dots.filter(dot => dot.id === id);
      const surplus = states.map(({ inProgress }) => Math.round(inProgress / requestsPerDot));
      for (const dot of own) if (dot.wasHeldAt(time)) surplus[dot.worker] = (surplus[dot.worker] ?? 0) - 1;
      const needed = this.blocking.has(id) ? LOOKS.blocking : LOOKS.loop;
      const looks = [...(this.#surpluses.get(id) ?? []), surplus].slice(-needed);
      this.#surpluses.set(id, looks);
      if (looks.length < needed) continue;
      const waiting = own.filter(dot => dot.hasWaitedSince(now - SETTLED));
      for (const dot of waiting.sort((one, other) => one.arrives - other.arrives)) {
        const sustained = states.map((_, worker) => Math.min(...looks.map(look => look[worker] ?? 0)));
        const most = Math.max(...sustained);
        if (most <= 0) break;
        const worker = sustained.indexOf(most);
        dot.hold(worker, now);
        for (const look of looks) look[worker] = (look[worker] ?? 0) - 1;
      }
    }
  }
}
