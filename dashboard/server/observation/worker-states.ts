import { type Deployment, type WorkerSlot, workersOf } from '../../../model/deployment.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import type { MemoryKills, ProcessCounters, WorkerCounters } from '../../../model/wire.ts';
import type { Mark, WorkerState } from '../../protocol.ts';
import type { WorkerInterval } from './follower.ts';
import { Growth } from './growth.ts';

/** Who is told of what the workers did, and of what happened to them. */
export interface WorkerListener {
  worked(interval: WorkerInterval): void;
  mark(mark: Omit<Mark, 'id'>): void;
}

interface ProcessSeen {
  readonly slots: readonly WorkerSlot[];
  /** Of its last answer; absent: it is gone. */
  pid?: number;
  /** It answered once, and is gone. */
  ended: boolean;
  /** When its workers were last counted, in seconds since 1970. */
  countedAt: number;
}

/** Of one worker, between two answers of its process. */
interface WorkerSeen {
  counters: WorkerCounters;
  readonly waits: Growth;
  readonly holds: Growth;
}

/** What the workers of one deployment do, from what their control threads count; moments in seconds since 1970. */
export class WorkerStates {
  readonly #deployment: Deployment;
  readonly #listener: WorkerListener;
  readonly #states: Map<string, WorkerState>;
  readonly #processes: readonly ProcessSeen[];
  readonly #seen = new Map<string, WorkerSeen>();
  readonly #heardOf = new Set<ProcessSeen>();
  /** Kills for memory in the container of which is known whose they were. */
  #killsSeen = 0;

  constructor(deployment: Deployment, listener: WorkerListener) {
    this.#deployment = deployment;
    this.#listener = listener;
    const slots = workersOf(deployment);
    this.#states = new Map(slots.map(slot => [slot.name, goneState(slot)]));
    this.#processes = Array.from({ length: deployment.processes }, (_, index) => ({
      slots: slots.filter(slot => slot.process === index + 1),
      ended: false,
      countedAt: Number.NaN,
    }));
  }

  /** In the order of `workersOf`; `undefined` until every process has been heard of. */
  get states(): readonly WorkerState[] | undefined {
    return this.#heardOf.size < this.#processes.length ? undefined : [...this.#states.values()];
  }

  /** The process (from 1) has answered. */
  counted(process: number, { pid, workers, memoryKills }: ProcessCounters, now: number): void {
    const seen = this.#processes[process - 1];
    if (seen === undefined) return;
    this.#heardOf.add(seen);
    // So quickly that nobody saw it gone.
    if (seen.pid !== undefined && seen.pid !== pid) this.#end(seen, now);
    if (memoryKills) this.#markKill(seen, memoryKills, now);
    if (seen.ended) this.#markAll('worker-back', seen, now);
    const duration = now - seen.countedAt;
    seen.pid = pid;
    seen.ended = false;
    seen.countedAt = now;
    for (const counters of workers) {
      if (seen.slots.some(({ name }) => name === counters.name)) this.#count(counters, duration);
    }
  }

  /** The process (from 1) is gone. */
  gone(process: number, now: number): void {
    const seen = this.#processes[process - 1];
    if (seen === undefined) return;
    this.#heardOf.add(seen);
    if (seen.pid !== undefined) this.#end(seen, now);
    const duration = now - seen.countedAt;
    seen.countedAt = now;
    for (const { name, databaseConnections: connections } of seen.slots) {
      const interval = { worker: name, duration, busy: 0, connectionsHeld: 0, connections, inProgress: 0 };
      if (duration > 0) this.#listener.worked(interval);
    }
  }

  #count(counters: WorkerCounters, duration: number): void {
    const { name, inProgress, connectionsInUse, databaseConnections: connections } = counters;
    const { counters: last, waits, holds } = this.#seen.get(name) ?? firstSeen(counters);
    this.#seen.set(name, { counters, waits, holds });
    const busy = within(counters.busy - last.busy, duration);
    const waited = waits.in({ ended: counters.databaseWait, goingOn: connectionsInUse }, duration);
    const connectionsHeld = holds.in({ ended: counters.connectionsHeld, goingOn: connectionsInUse }, duration);
    // A blocked thread is not idle, but does not compute; a task that waits leaves its thread to others.
    const computed = isConcurrencyLimited(this.#deployment.spec) ? within(busy - waited, duration) : busy;
    const computing = duration > 0 ? Math.round((100 * computed) / duration) / 100 : 0;
    this.#states.set(name, { inProgress, connectionsInUse, connections, computing, alive: true });
    // The first answer of a process ends no interval.
    if (last === counters || !(duration > 0)) return;
    this.#listener.worked({ worker: name, duration, busy, connectionsHeld, connections, inProgress });
  }

  #end(seen: ProcessSeen, now: number): void {
    delete seen.pid;
    seen.ended = true;
    for (const slot of seen.slots) {
      this.#seen.delete(slot.name);
      this.#states.set(slot.name, goneState(slot));
    }
    this.#markAll('worker-ended', seen, now);
  }

  /** A process that was killed counts its own kill, too, when it is back. */
  #markKill(seen: ProcessSeen, { count, limit }: MemoryKills, time: number): void {
    // A lower count is of a container that was started again.
    if (!seen.ended || count < this.#killsSeen) this.#killsSeen = seen.ended ? count : Math.max(count, this.#killsSeen);
    if (count <= this.#killsSeen) return;
    const othersEnded = this.#processes.filter(process => process.ended && process !== seen).length;
    this.#killsSeen = Math.max(this.#killsSeen + 1, count - othersEnded);
    this.#listener.mark({ time, kind: 'killed-for-memory', worker: seen.slots[0]?.name ?? '', count: limit });
  }

  #markAll(kind: 'worker-ended' | 'worker-back', { slots }: ProcessSeen, time: number): void {
    for (const { name: worker } of slots) this.#listener.mark({ time, kind, worker });
  }
}

function firstSeen(counters: WorkerCounters): WorkerSeen {
  return { counters, waits: new Growth(), holds: new Growth() };
}

function goneState({ databaseConnections: connections }: WorkerSlot): WorkerState {
  return { inProgress: 0, connectionsInUse: 0, connections, computing: 0, alive: false };
}

/** Clocks of two processes are not read at the same instant. */
function within(seconds: number, duration: number): number {
  return Math.max(0, Math.min(seconds, duration));
}
