import type { Dispatch } from '../../model/parallelism.ts';
import { Assignments } from './assignments.ts';
import type { Request } from './request.ts';
import { Thread, type Worker } from './worker.ts';

/**
 * nginx: its processes, and which worker a request gets to. Workers with ports of their own: that with fewest requests,
 * of equal ones each in turn; so too with one queue, where a worker that is free is the first to accept. Where
 * connections are kept on a shared port: the worker of the connection that the process of nginx used last and that is
 * free, and with none free that of a new one, which the workers get in turn.
 */
export class Dispatcher {
  readonly #threads: readonly Thread[];
  readonly #workers: readonly Worker[];
  readonly #assignments: Assignments;
  /** The workers of the free connections of each process, the one that was used last at the end; absent: none stick. */
  readonly #free: readonly number[][] | undefined;
  /** Where the search for the next worker begins. */
  #turn = 0;

  constructor(processes: number, workers: readonly Worker[], dispatch: Dispatch) {
    this.#threads = Array.from({ length: processes }, () => new Thread());
    this.#workers = workers;
    this.#assignments = new Assignments(workers.length);
    if (dispatch === 'kept-connections') this.#free = Array.from({ length: processes }, () => []);
    for (const [index, worker] of workers.entries()) worker.countIn(this.#assignments, index);
  }

  /** The process that passes a request on, and its answer back. */
  threadOf({ number }: Request): Thread {
    return this.#threads[number % this.#threads.length] as Thread;
  }

  /** Gives the request to a worker. */
  assign(request: Request): Worker {
    const chosen = this.#freeOf(request)?.pop() ?? this.#next();
    this.#assignments.add(chosen, 1);
    request.worker = chosen;
    return this.#workers[chosen] as Worker;
  }

  /** The worker has answered the request, over a connection that is free again. */
  answered(request: Request): void {
    this.#assignments.add(request.worker, -1);
    this.#freeOf(request)?.push(request.worker);
  }

  #freeOf({ number }: Request): number[] | undefined {
    return this.#free?.[number % this.#threads.length];
  }

  #next(): number {
    const chosen = this.#free === undefined ? this.#assignments.fewestFrom(this.#turn) : this.#turn;
    this.#turn = chosen + 1 === this.#workers.length ? 0 : chosen + 1;
    return chosen;
  }
}
