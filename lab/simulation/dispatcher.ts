import type { Dispatch } from '../../model/parallelism.ts';
import type { Request } from './request.ts';
import { Thread, type Worker } from './worker.ts';

/**
 * nginx: its processes, and which worker a request gets to. Workers with ports of their own: the one with fewest requests,
 * in turn among equals; likewise with one queue, where a free worker is the first to accept. Where connections are kept on a
 * shared port: the worker of the free connection that this nginx process used last, otherwise the next in turn.
 */
export class Dispatcher {
  readonly #threads: readonly Thread[];
  readonly #workers: readonly Worker[];
  readonly #assignments: Assignments;
  /** The workers of the free connections of each process, the last used at the end; absent: connections do not stick. */
  readonly #free: readonly number[][] | undefined;
  /** Where the search for the next worker begins. */
  #turn = 0;

  constructor(processes: number, workers: readonly Worker[], dispatch: Dispatch) {
    this.#threads = Array.from({ length: processes }, () => new Thread());
    this.#workers = workers;
    this.#assignments = new Assignments(workers.length);
    if (dispatch === 'kept-connections') this.#free = Array.from({ length: processes }, () => []);
  }

  /** The process that passes a request on, and its answer back. */
  threadOf({ number }: Request): Thread {
    return this.#threads[number % this.#threads.length] as Thread;
  }

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

  /** The worker dropped a request whose client had given up. */
  dropped({ worker }: Request): void {
    this.#assignments.add(worker, -1);
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

/** How many requests each worker has been assigned, as a tree of minima: each step takes log(workers). */
export class Assignments {
  /** The root is 1, the children of a node are 2 node and 2 node + 1, the leaves are the workers. */
  readonly #least: Int32Array;
  readonly #leaves: number;

  constructor(workers: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(workers));
    this.#least = new Int32Array(2 * this.#leaves);
    // Leaves without a worker are never chosen.
    for (let worker = workers; worker < this.#leaves; worker++) this.add(worker, 0x7fff_ffff);
  }

  add(worker: number, more: number): void {
    const least = this.#least;
    let node = this.#leaves + worker;
    let value = (least[node] as number) + more;
    least[node] = value;
    while (node > 1) {
      const other = least[node ^ 1] as number;
      if (other < value) value = other;
      node >>= 1;
      if (least[node] === value) return;
      least[node] = value;
    }
  }

  /** The worker with fewest; of equal ones the first from `turn` on, and after the last from the first on. */
  fewestFrom(turn: number): number {
    const least = this.#least;
    const fewest = least[1];
    let node = this.#leaves + turn;
    if (least[node] === fewest) return turn;
    // Up, until there is one with fewest to the right; at the root there is none, and the first is it.
    while (node > 1) {
      if ((node & 1) === 0 && least[node + 1] === fewest) {
        node++;
        break;
      }
      node >>= 1;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (least[node] !== fewest) node++;
    }
    return node - this.#leaves;
  }
}
