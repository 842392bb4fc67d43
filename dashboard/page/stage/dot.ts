import type { DeploymentId, DotArrival, DotCompletion } from '../../protocol.ts';

/** Seconds that a dot travels to the load balancer; it sets out before it was sent, so that it is there in time. */
export const TRAVEL = 0.3;
/** Seconds from the pool to a worker at most, and at least; within them a short stay takes as long as its way there. */
export const HOP = { most: 0.12, least: 0.05 } as const;
/** Seconds of the way back to the clients. */
export const RETURN = 0.5;
/** Seconds in which a dot that no worker answered falls out of the picture. */
export const FALL = 0.8;
/** Seconds of the way to the load balancer of a dot that the page is told of late. */
const HURRY = 0.1;
/** Seconds by which what ended before it was ever seen is past, and is not shown any more. */
const PAST = 0.3;

/**
 * `travelling` to the load balancer, `waiting` at the pool, `dispatched` to a worker, there `computing` or waiting for
 * the `database`, `returning` to the clients; `falling`: no worker answered.
 */
export type DotPhase = 'travelling' | 'waiting' | 'dispatched' | 'computing' | 'database' | 'returning' | 'falling';

/** A request on the stage. Moments are the server's, in seconds; one that is not known yet is infinite. */
export class Dot {
  readonly number: number;
  readonly id: DeploymentId;
  readonly sentAt: number;
  /** As it was at the last look. */
  phase: DotPhase = 'travelling';
  /** How far it has come in a phase in which it moves, 0 to 1. */
  progress = 0;
  /** Seconds since it was sent, or that its answer took. */
  age = 0;
  /** Its turn among those that wait at the pool of its deployment, from 0. */
  place = 0;
  /** Its worker's place in the deployment; -1: none, or not known yet. */
  worker = -1;
  /** Whether its client saw an error. */
  failed = false;
  /** Whether it was ever looked at. */
  seen = false;

  #departs: number;
  #arrives: number;
  #leaves = Number.POSITIVE_INFINITY;
  #seated = Number.POSITIVE_INFINITY;
  #released = Number.POSITIVE_INFINITY;
  #gone = Number.POSITIVE_INFINITY;
  #begunAt = Number.POSITIVE_INFINITY;
  #computesUntil = Number.POSITIVE_INFINITY;
  #endedAt = Number.POSITIVE_INFINITY;

  /** `now`: the moment that the stage shows when it is told of the dot. */
  constructor([id, number, sentAt]: DotArrival, now: number) {
    this.id = id;
    this.number = number;
    this.sentAt = sentAt;
    this.#departs = Math.max(sentAt - TRAVEL, now);
    this.#arrives = Math.max(sentAt, this.#departs + HURRY);
  }

  /** When it comes to the pool, or did. */
  get arrives(): number {
    return this.#arrives;
  }

  /** Whether it is known how its request ended. */
  get isCompleted(): boolean {
    return this.#endedAt < Number.POSITIVE_INFINITY;
  }

  /** It is known how its request ended. What should have been seen by `now` is made good from there on, at once. */
  complete([, worker, begunAt, databaseWait, endedAt, status]: DotCompletion, now: number): void {
    if (this.isCompleted) return;
    this.#endedAt = endedAt;
    this.#computesUntil = endedAt - databaseWait;
    this.failed = status < 100 || status >= 400;
    if (!this.seen && endedAt < now - PAST) this.#gone = Number.NEGATIVE_INFINITY;
    else if (this.worker >= 0) this.#correct(worker, begunAt, endedAt, now);
    else if (worker < 0) this.#drop(Math.max(endedAt, now, this.#arrives));
    else {
      this.worker = worker;
      this.#begunAt = begunAt;
      this.#dispatch(begunAt, Math.min(HOP.most, Math.max(HOP.least, endedAt - begunAt)), now);
      this.#release(Math.max(endedAt, this.#seated));
    }
  }

  /** Its worker has had it for a while, as the worker's counters say; how it ends is not known yet. */
  hold(worker: number, now: number): void {
    this.worker = worker;
    this.#begunAt = now;
    this.#dispatch(now, HOP.most, now);
  }

  /** Whether its worker was at work on it at that moment. */
  wasHeldAt(moment: number): boolean {
    return this.worker >= 0 && this.#begunAt <= moment && moment < this.#endedAt;
  }

  /** Whether it is over. */
  isGoneAt(now: number): boolean {
    return now >= this.#gone;
  }

  /** Looks at it; `false`: it has not set out yet, or is over. `computes`: whether its worker is seen to compute. */
  look(now: number, computes: (dot: Dot) => boolean): boolean {
    if (now < this.#departs || now >= this.#gone) return false;
    this.seen = true;
    this.age = Math.max(0, Math.min(now, this.#endedAt) - this.sentAt);
    this.progress = 0;
    if (now < this.#arrives) this.#moves('travelling', this.#departs, this.#arrives, now);
    else if (now < this.#leaves) this.phase = 'waiting';
    else if (this.worker < 0) this.#moves('falling', this.#leaves, this.#gone, now);
    else if (now < this.#seated) this.#moves('dispatched', this.#leaves, this.#seated, now);
    else if (now >= this.#released) this.#moves('returning', this.#released, this.#gone, now);
    else this.phase = (this.isCompleted ? now < this.#computesUntil : computes(this)) ? 'computing' : 'database';
    return true;
  }

  /** To be with its worker at `begunAt`, it leaves the pool `hop` seconds earlier if that is not past already. */
  #dispatch(begunAt: number, hop: number, now: number): void {
    this.#leaves = Math.max(begunAt - hop, now);
    // Before it has set out it can still be made to arrive in time for a worker that takes it at once.
    if (now <= this.#departs && this.#leaves < this.#arrives) {
      this.#departs -= this.#arrives - this.#leaves;
      this.#departs = Math.max(this.#departs, now);
      this.#arrives = this.#leaves;
    }
    this.#leaves = Math.max(this.#leaves, this.#arrives);
    this.#seated = this.#leaves + hop;
  }

  /** It was with the worker that it was thought to be with, or goes over to the one that it was with. */
  #correct(worker: number, begunAt: number, endedAt: number, now: number): void {
    if (worker < 0 || worker === this.worker) this.#release(Math.max(endedAt, now));
    else {
      this.worker = worker;
      this.#release(Math.max(endedAt, now + HOP.most));
    }
    if (worker >= 0) this.#begunAt = begunAt;
  }

  #release(moment: number): void {
    this.#released = Math.max(moment, this.#seated);
    this.#gone = this.#released + RETURN;
  }

  #drop(moment: number): void {
    this.#leaves = moment;
    this.#gone = moment + FALL;
  }

  #moves(phase: DotPhase, from: number, to: number, now: number): void {
    this.phase = phase;
    this.progress = Math.min(1, (now - from) / (to - from));
  }
}
