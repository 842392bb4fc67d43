import { type Deployment, listWorkers, type WorkerSlot } from '../../../model/deployment.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import type { MemoryKills, ProcessCounters, WorkerCounters } from '../../../model/wire.ts';
import type { Mark, WorkerState } from '../../protocol.ts';
import type { WorkerInterval } from './utilisation-meter.ts';

interface WorkerListener {
  worked(interval: WorkerInterval): void;
  mark(mark: Omit<Mark, 'id'>): void;
}

interface KnownProcess {
  readonly slots: readonly WorkerSlot[];
  /** Absent: it has not answered yet, or has ended. */
  pid?: number;
  /** It answered once, and has ended. */
  hasEnded: boolean;
  /** When it was last read, in seconds since 1970. */
  readAt: number;
}

interface KnownWorker {
  readonly counters: WorkerCounters;
  readonly waits: OngoingTime;
  readonly holds: OngoingTime;
}

/** Follows the workers of one deployment by the counters of their control threads. Times are in seconds since 1970. */
export class WorkerStates {
  readonly #deployment: Deployment;
  readonly #listener: WorkerListener;
  readonly #states: Map<string, WorkerState>;
  readonly #processes: readonly KnownProcess[];
  readonly #workers = new Map<string, KnownWorker>();
  readonly #heard = new Set<KnownProcess>();
  /** Kills for memory in the container that were told, or happened before. */
  #killsTold = 0;

  constructor(deployment: Deployment, listener: WorkerListener) {
    this.#deployment = deployment;
    this.#listener = listener;
    const slots = listWorkers(deployment);
    this.#states = new Map(slots.map(slot => [slot.name, endedState(slot)]));
    this.#processes = Array.from({ length: deployment.processes }, (_, index) => ({
      slots: slots.filter(slot => slot.process === index + 1),
      hasEnded: false,
      readAt: Number.NaN,
    }));
  }

  /** In the order of `listWorkers`; `undefined` until every process was heard of. */
  get states(): readonly WorkerState[] | undefined {
    return this.#heard.size < this.#processes.length ? undefined : [...this.#states.values()];
  }

  /** The process with this number, from 1, answered. */
  counted(number: number, { pid, workers, memoryKills }: ProcessCounters, now: number): void {
    const process = this.#processes[number - 1];
    if (process === undefined) return;
    this.#heard.add(process);
    // It was started again between two readings.
    if (process.pid !== undefined && process.pid !== pid) this.#end(process, now);
    if (memoryKills) this.#markKill(process, memoryKills, now);
    if (process.hasEnded) this.#markWorkers('worker-back', process, now);
    const duration = now - process.readAt;
    process.pid = pid;
    process.hasEnded = false;
    process.readAt = now;
    for (const counters of workers) {
      if (process.slots.some(({ name }) => name === counters.name)) this.#count(counters, duration);
    }
  }

  /** The process with this number refused the connection. */
  gone(number: number, now: number): void {
    const process = this.#processes[number - 1];
    if (process === undefined) return;
    this.#heard.add(process);
    if (process.pid !== undefined) this.#end(process, now);
    const duration = now - process.readAt;
    process.readAt = now;
    if (!(duration > 0)) return;
    for (const { name, databaseConnections: connections } of process.slots) {
      this.#listener.worked({ worker: name, duration, busy: 0, connectionsHeld: 0, connections, inProgress: 0 });
    }
  }

  #count(counters: WorkerCounters, duration: number): void {
    const { name, inProgress, connectionsInUse, databaseConnections: connections } = counters;
    const known = this.#workers.get(name) ?? { counters, waits: new OngoingTime(), holds: new OngoingTime() };
    this.#workers.set(name, { ...known, counters });
    const busy = clamp(counters.busy - known.counters.busy, duration);
    const waited = known.waits.advance(counters.databaseWait, connectionsInUse, duration);
    const connectionsHeld = known.holds.advance(counters.connectionsHeld, connectionsInUse, duration);
    // A blocked thread does not compute; a task that waits leaves its thread to others.
    const computed = isConcurrencyLimited(this.#deployment.spec) ? clamp(busy - waited, duration) : busy;
    const computing = duration > 0 ? Math.round((100 * computed) / duration) / 100 : 0;
    this.#states.set(name, { inProgress, connectionsInUse, connections, computing, alive: true });
    // The first answer of a process ends no interval.
    if (known.counters === counters || !(duration > 0)) return;
    this.#listener.worked({ worker: name, duration, busy, connectionsHeld, connections, inProgress });
  }

  #end(process: KnownProcess, now: number): void {
    delete process.pid;
    process.hasEnded = true;
    for (const slot of process.slots) {
      this.#workers.delete(slot.name);
      this.#states.set(slot.name, endedState(slot));
    }
    this.#markWorkers('worker-ended', process, now);
  }

  /** Marks a kill when the process is back. The count is of the whole container, when the process started. */
  #markKill(process: KnownProcess, { count, limit }: MemoryKills, time: number): void {
    if (!process.hasEnded) this.#killsTold = Math.max(count, this.#killsTold);
    // A process that comes back with a lower count is in a container that was started again.
    else if (count < this.#killsTold) this.#killsTold = count;
    if (count <= this.#killsTold) return;
    const othersEnded = this.#processes.filter(other => other.hasEnded && other !== process).length;
    this.#killsTold = Math.max(this.#killsTold + 1, count - othersEnded);
    this.#listener.mark({ time, kind: 'killed-for-memory', worker: process.slots[0]?.name ?? '', count: limit });
  }

  #markWorkers(kind: 'worker-ended' | 'worker-back', { slots }: KnownProcess, time: number): void {
    for (const { name: worker } of slots) this.#listener.mark({ time, kind, worker });
  }
}

/** The seconds of each interval, from a counter that grows only when a wait ends: ongoing waits count as they go on. */
class OngoingTime {
  #last: { readonly ended: number; readonly ongoing: number } | undefined;
  /** Seconds of ongoing waits that have been counted already. */
  #ahead = 0;

  /** `ended`: seconds of all waits that have ended; `ongoing`: waits now; `duration`: of the interval. */
  advance(ended: number, ongoing: number, duration: number): number {
    const [last, ahead] = [this.#last, this.#ahead];
    this.#last = { ended, ongoing };
    if (last === undefined) return 0;
    const grown = ended - last.ended;
    // When nothing has ended, the waits of both readings went on all the time.
    this.#ahead = grown > 0 ? 0 : ahead + Math.min(last.ongoing, ongoing) * duration;
    return Math.max(0, grown + this.#ahead - ahead);
  }
}

function endedState({ databaseConnections: connections }: WorkerSlot): WorkerState {
  return { inProgress: 0, connectionsInUse: 0, connections, computing: 0, alive: false };
}

/** Two clocks are not read at the same instant. */
function clamp(seconds: number, duration: number): number {
  return Math.max(0, Math.min(seconds, duration));
}
