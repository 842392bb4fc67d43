import type { Request } from './request.ts';
import { Thread, type Worker } from './worker.ts';

/** nginx: its processes, and its choice of a worker, that with fewest requests, of equal ones each in turn. */
export class Dispatcher {
  readonly #threads: readonly Thread[];
  readonly #workers: readonly Worker[];
  /** Where the search for the next worker begins. */
  #turn = 0;

  constructor(processes: number, workers: readonly Worker[]) {
    this.#threads = Array.from({ length: processes }, () => new Thread());
    this.#workers = workers;
  }

  /** The process that passes a request on, and its answer back. */
  threadOf({ number }: Request): Thread {
    return this.#threads[number % this.#threads.length] as Thread;
  }

  /** Gives the request to a worker. */
  assign(request: Request): Worker {
    const { length } = this.#workers;
    let chosen = this.#turn;
    let fewest = Number.POSITIVE_INFINITY;
    for (let step = 0, index = this.#turn; step < length && fewest > 0; step++) {
      const { assigned } = this.#workers[index] as Worker;
      if (assigned < fewest) {
        fewest = assigned;
        chosen = index;
      }
      index = index + 1 === length ? 0 : index + 1;
    }
    this.#turn = chosen + 1 === length ? 0 : chosen + 1;
    const worker = this.#workers[chosen] as Worker;
    worker.assigned++;
    request.worker = chosen;
    return worker;
  }
}
