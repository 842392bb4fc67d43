import { setTimeout as delay } from 'node:timers/promises';
import type { Load } from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { RoleSessions } from '../probe/sessions.ts';
import type { Observer, Snapshot } from './observer.ts';

/** Values that were seen at several moments. */
export interface Sampled {
  readonly mean: number;
  readonly most: number;
}

/** What was seen of a deployment between two of its snapshots. */
export interface Samples {
  /** Requests that each worker held, by its name. */
  readonly held: ReadonlyMap<string, Sampled>;
  /** Its database connections at a statement; `null` where they could not be counted. */
  readonly activeBackends: Sampled | null;
  /** At a statement, or in a transaction; `null` where they could not be counted. */
  readonly connectionsInUse: Sampled | null;
}

/** Seconds between two looks: at the workers, of which each process takes one more question, and at the database. */
interface Pace {
  readonly workers: Seconds;
  readonly perProcess: Seconds;
  readonly database: Seconds;
}

/** A question to a process took 1.3 ms of CPU on both ends together, one to the database 1.8 ms: half a per cent of a CPU each. */
const STEADY: Pace = { workers: 0.25, perProcess: 0.25, database: 0.5 };
/** Of a hidden deployment the connections in use are counted by these looks alone. */
const HIDDEN: Pace = { ...STEADY, database: 0.25 };
/** Of a burst there is one moment only, and it is worth more. */
const BURST: Pace = { workers: 0.04, perProcess: 0.01, database: 0.1 };

/** Looks at a deployment again and again, until it is told to stop. */
export class Sampler {
  readonly #held = new Map<string, number[]>();
  readonly #sessions: RoleSessions[] = [];
  readonly #stopped = new AbortController();
  readonly #looking: Promise<unknown>;

  constructor(observer: Observer, load: Load, { processes, workers }: Pick<Snapshot, 'processes' | 'workers'>) {
    const pace = load.model === 'burst' ? BURST : workers ? STEADY : HIDDEN;
    const lookAtWorkers = async () => {
      for (const [worker, requests] of (await observer.held()) ?? []) {
        const before = this.#held.get(worker);
        if (before) before.push(requests);
        else this.#held.set(worker, [requests]);
      }
    };
    const lookAtDatabase = async () => {
      const sessions = await observer.sessions();
      if (sessions !== null) this.#sessions.push(sessions);
    };
    this.#looking = Promise.all([
      this.#repeat(Math.max(pace.workers, pace.perProcess * processes.length), lookAtWorkers),
      this.#repeat(pace.database, lookAtDatabase),
    ]);
  }

  /** Returns when nothing looks any more. */
  async stop(): Promise<Samples> {
    this.#stopped.abort();
    await this.#looking;
    const isCounted = this.#sessions.length > 0;
    return {
      held: new Map([...this.#held].map(([worker, requests]) => [worker, summaryOf(requests)])),
      activeBackends: isCounted ? summaryOf(this.#sessions.map(({ active }) => active)) : null,
      connectionsInUse: isCounted ? summaryOf(this.#sessions.map(({ inUse }) => inUse)) : null,
    };
  }

  async #repeat(every: Seconds, look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // A look that comes to nothing is none: the snapshots tell whether a worker has died.
      await look().catch(() => undefined);
      await delay(every * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
}

function summaryOf(values: readonly number[]): Sampled {
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, most: Math.max(...values) };
}
