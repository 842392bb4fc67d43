import { Assignments } from './assignments.ts';
import type { Request } from './request.ts';
import { Thread, type Worker } from './worker.ts';

/** nginx: its processes, and its choice of a worker, that with fewest requests, of equal ones each in turn. */
export class Dispatcher {
  readonly #threads: readonly Thread[];
  readonly #workers: readonly Worker[];
  readonly #assignments: Assignments;
  /** Where the search for the next worker begins. */
  #turn = 0;

  constructor(processes: number, workers: readonly Worker[]) {
    this.#threads = Array.from({ length: processes }, () => new Thread());
    this.#workers = workers;
    this.#assignments = new Assignments(workers.length);
    for (const [index, worker] of workers.entries()) worker.countIn(this.#assignments, index);
  }

  /** The process that passes a request on, and its answer back. */
  threadOf({ number }: Request): Thread {
    return this.#threads[number % this.#threads.length] as Thread;
  }

  /** Gives the request to a worker. */
  assign(request: Request): Worker {
    const chosen = this.#assignments.fewestFrom(this.#turn);
    this.#turn = chosen + 1 === this.#workers.length ? 0 : chosen + 1;
    this.#assignments.add(chosen, 1);
    request.worker = chosen;
    return this.#workers[chosen] as Worker;
  }
}
