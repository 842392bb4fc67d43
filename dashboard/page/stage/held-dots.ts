import type { DeploymentId, WorkerState } from '../../protocol.ts';
import type { Dot } from './dot.ts';

/**
 * Looks in a row, at five a second, in which a worker must hold more than is known. One alone may be a moment's
 * difference; between two requests of a blocking worker there always is one.
 */
const LOOKS = { loop: 2, blocking: 4 } as const;
/** Seconds that a dot has waited before it is thought to be with a worker. */
const SETTLED = 0.2;

/**
 * A request that takes longer than the replay's delay would be seen to wait at the pool although a worker has long had
 * it. The workers' counters say how many each holds: where that is more than the dots that are known to be with it, the
 * longest waiting of those whose end is not known are with it.
 */
export class HeldDots {
  /** Deployments whose workers serve a limited number of requests at once. */
  limited: ReadonlySet<DeploymentId> = new Set();
  readonly #surpluses = new Map<string, number[]>();

  /** The workers were seen at `time`; what comes of it is shown from `now` on. */
  look(
    time: number,
    workers: Readonly<Record<DeploymentId, readonly WorkerState[]>>,
    dots: Iterable<Dot>,
    requestsPerDot: number,
    now: number,
  ): void {
    const known = new Map<string, number>();
    const waiting = new Map<DeploymentId, Dot[]>();
    for (const dot of dots) {
      if (dot.wasHeldAt(time)) {
        const worker = key(dot.id, dot.worker);
        known.set(worker, (known.get(worker) ?? 0) + 1);
      } else if (!dot.isCompleted && dot.worker < 0 && dot.arrives < now - SETTLED) {
        const pool = waiting.get(dot.id);
        if (pool === undefined) waiting.set(dot.id, [dot]);
        else pool.push(dot);
      }
    }
    for (const [id, states] of Object.entries(workers)) {
      const pool = (waiting.get(id) ?? []).sort((one, other) => one.arrives - other.arrives);
      const held = states.map((state, worker) => {
        const name = key(id, worker);
        const looks = this.limited.has(id) ? LOOKS.blocking : LOOKS.loop;
        return this.#sustained(name, Math.round(state.inProgress / requestsPerDot) - (known.get(name) ?? 0), looks);
      });
      for (const worker of fairly(held)) {
        const dot = pool.shift();
        if (dot === undefined) break;
        dot.hold(worker, now);
        const surpluses = this.#surpluses.get(key(id, worker)) ?? [];
        surpluses.forEach((surplus, index) => {
          surpluses[index] = surplus - 1;
        });
      }
    }
  }

  forget(): void {
    this.#surpluses.clear();
  }

  /** How many more than known the worker has held all the while. */
  #sustained(worker: string, surplus: number, looks: number): number {
    const surpluses = this.#surpluses.get(worker) ?? [];
    surpluses.push(surplus);
    if (surpluses.length > looks) surpluses.shift();
    this.#surpluses.set(worker, surpluses);
    return surpluses.length < looks ? 0 : Math.max(0, Math.min(...surpluses));
  }
}

/** The workers' numbers, each as often as it says, in turn: those that hold most first. */
function fairly(held: readonly number[]): number[] {
  return held
    .flatMap((count, worker) => Array.from({ length: count }, (_, turn) => ({ worker, left: count - turn })))
    .sort((one, other) => other.left - one.left)
    .map(({ worker }) => worker);
}

function key(id: DeploymentId, worker: number): string {
  return `${id}/${worker}`;
}
