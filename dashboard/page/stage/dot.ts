import type { DeploymentId, DotArrival, DotCompletion, WorkerState } from '../../protocol.ts';

/** Seconds to the load balancer. A dot sets out before its request was sent, so that it arrives in time. */
const TRAVEL = 0.3;
/** Seconds from the queue to a worker: as long as the request's service, within these limits. */
const HOP = { most: 0.12, least: 0.05 } as const;
/** Seconds of the way back to the clients. */
const RETURN = 0.5;
/** Seconds in which a dot that no worker answered falls out of the picture. */
const FALL = 0.8;
/** Seconds to the load balancer of a dot that the page hears of late. */
const HURRY = 0.1;
/** A request that ended so many seconds before its dot could be shown is not shown any more. */
const PAST = 0.3;

const UNKNOWN = Number.POSITIVE_INFINITY;

/**
 * `travelling` to the load balancer, `waiting` in its queue, `dispatched` to a worker, there `computing` or waiting for
 * the `database`, `returning` to the clients; `falling`: no worker answered.
 */
export type DotPhase = 'travelling' | 'waiting' | 'dispatched' | 'computing' | 'database' | 'returning' | 'falling';

/** The schedule of a request on the stage. Times are the server's, in seconds; unknown ones are infinite. */
export class Dot {
  readonly id: DeploymentId;
  readonly number: number;
  readonly sentAt: number;
  /** As of the last look. */
  phase: DotPhase = 'travelling';
  /** How far it has come in a phase in which it moves, 0 to 1. */
  progress = 0;
  /** Seconds since it was sent, or its response time. */
  age = 0;
  /** Its worker's index in the deployment; -1: none, or not known yet. */
  worker = -1;
  /** Whether its client saw an error. */
  failed = false;
  /** When it reaches the queue. */
  arrives: number;
  #departs: number;
  #wasSeen = false;
  #begunAt = UNKNOWN;
  #computesUntil = UNKNOWN;
  #endedAt = UNKNOWN;
  // When it is drawn to leave the queue, sit with its worker, leave it, and be gone.
  #leaves = UNKNOWN;
  #seated = UNKNOWN;
  #released = UNKNOWN;
  #gone = UNKNOWN;

  /** `now`: the time that the stage shows when it hears of the dot. */
  constructor([id, number, sentAt]: DotArrival, now: number) {
    this.id = id;
    this.number = number;
    this.sentAt = sentAt;
    this.#departs = Math.max(sentAt - TRAVEL, now);
    this.arrives = Math.max(sentAt, this.#departs + HURRY);
  }

  /** Takes in how the request ended. What should have been shown before `now` is made up for at once. */
  complete([, worker, begunAt, databaseWait, endedAt, status]: DotCompletion, now: number): void {
    this.#endedAt = endedAt;
    this.#computesUntil = endedAt - databaseWait;
    this.failed = status < 100 || status >= 400;
    const wasHeld = this.worker >= 0;
    if (!this.#wasSeen && endedAt < now - PAST) this.#gone = Number.NEGATIVE_INFINITY;
    else if (wasHeld) this.#release(Math.max(endedAt, worker >= 0 && worker !== this.worker ? now + HOP.most : now));
    else if (worker >= 0) {
      this.#dispatch(begunAt, Math.min(HOP.most, Math.max(HOP.least, endedAt - begunAt)), now);
      this.#release(endedAt);
    } else {
      this.#leaves = Math.max(endedAt, now, this.arrives);
      this.#gone = this.#leaves + FALL;
    }
    if (worker < 0) return;
    this.worker = worker;
    this.#begunAt = begunAt;
  }

  /** Places it with a worker whose counters say that it holds a request; how the request ends is not known yet. */
  hold(worker: number, now: number): void {
    this.worker = worker;
    this.#begunAt = now;
    this.#dispatch(now, HOP.most, now);
  }

  /** Whether its worker served it at this time. */
  wasHeldAt(time: number): boolean {
    return this.worker >= 0 && this.#begunAt <= time && time < this.#endedAt;
  }

  /** Whether it has waited since before this time, and nothing is known of its worker. */
  hasWaitedSince(time: number): boolean {
    return this.worker < 0 && this.#endedAt === UNKNOWN && this.arrives < time;
  }

  isGoneAt(now: number): boolean {
    return now >= this.#gone;
  }

  /** Updates what it does; `false`: it has not set out yet, or is gone. */
  look(now: number, workers: readonly WorkerState[] | undefined): boolean {
    if (now < this.#departs || now >= this.#gone) return false;
    this.#wasSeen = true;
    this.age = Math.max(0, Math.min(now, this.#endedAt) - this.sentAt);
    if (now < this.arrives) this.#move('travelling', this.#departs, this.arrives, now);
    else if (now < this.#leaves) this.phase = 'waiting';
    else if (this.worker < 0) this.#move('falling', this.#leaves, this.#gone, now);
    else if (now < this.#seated) this.#move('dispatched', this.#leaves, this.#seated, now);
    else if (now >= this.#released) this.#move('returning', this.#released, this.#gone, now);
    else {
      const computes = (workers?.[this.worker]?.computing ?? 0) >= 0.5;
      this.phase = (this.#endedAt === UNKNOWN ? computes : now < this.#computesUntil) ? 'computing' : 'database';
    }
    return true;
  }

  /** Leaves the queue `hop` seconds before its worker begins, or now where that is past. */
  #dispatch(begunAt: number, hop: number, now: number): void {
    const leaves = Math.max(begunAt - hop, now);
    // Before it has set out it can still be made to arrive in time for a worker that takes it at once.
    if (now <= this.#departs && leaves < this.arrives) {
      this.#departs = Math.max(this.#departs - (this.arrives - leaves), now);
      this.arrives = leaves;
    }
    this.#leaves = Math.max(leaves, this.arrives);
    this.#seated = this.#leaves + hop;
  }

  #release(time: number): void {
    this.#released = Math.max(time, this.#seated);
    this.#gone = this.#released + RETURN;
  }

  #move(phase: DotPhase, from: number, to: number, now: number): void {
    this.phase = phase;
    this.progress = Math.min(1, (now - from) / (to - from));
  }
}
