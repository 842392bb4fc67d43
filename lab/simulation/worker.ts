import type { WorkerSlot } from '../../model/deployment.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { Span } from './cores.ts';
import { type Request, RequestQueue } from './request.ts';

/** A thread: it does one thing at a time, and the rest waits in order. */
export class Thread {
  /** Seconds of the steady state in which it was busy. */
  busy: Seconds = 0;
  /** How often it waited for work or for an answer. */
  sleeps = 0;
  readonly #queue = new RequestQueue();
  #isBusy = false;
  #busySince: Seconds = Number.NaN;

  /** Takes the request if the thread is idle; `false`: the request waits. */
  take(request: Request, now: Seconds): boolean {
    if (this.#isBusy) {
      this.#queue.push(request);
      return false;
    }
    this.#isBusy = true;
    this.#busySince = now;
    return true;
  }

  /** Ends what the thread did, and gives the request that is next. */
  next(now: Seconds, steadyState: Span): Request | undefined {
    const next = this.#queue.shift();
    if (next !== undefined) return next;
    this.#isBusy = false;
    this.busy += steadyState.overlap(this.#busySince, now);
    this.sleeps++;
    return undefined;
  }
}

/** A number that is sampled now and then. */
export class Samples {
  most = 0;
  #sum = 0;
  #count = 0;

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.most = Math.max(this.most, value);
  }
}

/** A worker with its thread, its connections, and its counts over the steady state. */
export class Worker {
  readonly name: string;
  readonly thread = new Thread();
  /** Requests that wait for a connection. */
  readonly unconnected = new RequestQueue();
  freeConnections: number;
  /** Requests that it has begun; others wait in its socket. */
  held = 0;
  readonly inProgress = new Samples();
  completed = 0;
  databaseWait: Seconds = 0;
  connectionsHeld: Seconds = 0;
  connectionWait: Seconds = 0;

  constructor({ name, databaseConnections }: WorkerSlot) {
    this.name = name;
    this.freeConnections = databaseConnections;
  }
}
