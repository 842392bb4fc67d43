import type { WorkerSlot } from '../../model/deployment.ts';
import type { Seconds } from '../../model/quantities.ts';
import { Assignments } from './assignments.ts';
import { type Request, RequestQueue } from './request.ts';
import type { Span } from './span.ts';

/** A thread: it does one thing at a time, and the rest waits in turn. */
export class Thread {
  /** Seconds of the steady state in which it was busy. */
  busy: Seconds = 0;
  /** How often it has had to wait for something to do, or for an answer. */
  sleeps = 0;
  readonly #queue = new RequestQueue();
  #isBusy = false;
  #busySince: Seconds = Number.NaN;

  /** Turns to the request if it has nothing else to do; `false`: the request's turn comes later. */
  take(request: Request, now: Seconds): boolean {
    if (this.#isBusy) {
      this.#queue.push(request);
      return false;
    }
    this.#isBusy = true;
    this.#busySince = now;
    return true;
  }

  /** Turns away from what it did, and to the request whose turn it is. */
  next(now: Seconds, steadyState: Span): Request | undefined {
    const next = this.#queue.shift();
    if (next !== undefined) return next;
    this.#isBusy = false;
    this.busy += steadyState.overlap(this.#busySince, now);
    this.sleeps++;
    return undefined;
  }
}

/** A worker with its thread and its connections, and what it counts over the steady state. */
export class Worker {
  readonly name: string;
  readonly thread = new Thread();
  /** Those that wait for a connection. */
  readonly unconnected = new RequestQueue();
  freeConnections: number;
  /** Requests that it holds: not those that wait in its socket. */
  held = 0;
  completed = 0;
  databaseWait: Seconds = 0;
  connectionsHeld: Seconds = 0;
  connectionWait: Seconds = 0;
  /** Where nginx counts what it gives to whom, and which of them this one is. */
  #assignments = new Assignments(1);
  #index = 0;

  constructor({ name, databaseConnections }: WorkerSlot) {
    this.name = name;
    this.freeConnections = databaseConnections;
  }

  countIn(assignments: Assignments, index: number): void {
    this.#assignments = assignments;
    this.#index = index;
  }

  /** Requests that nginx has given it and that have not come back. */
  get assigned(): number {
    return this.#assignments.of(this.#index);
  }

  set assigned(requests: number) {
    this.#assignments.add(this.#index, requests - this.assigned);
  }
}
