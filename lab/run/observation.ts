import { setTimeout as delay } from 'node:timers/promises';
import { type Containers, type Deployment, limitedContainers, limitedCpus } from '../../model/deployment.ts';
import type { Load } from '../../model/experiment.ts';
import {
  type Component,
  type ContainerCpus,
  components,
  type Measurement,
  type OtherDeployment,
  type WorkerActivity,
} from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { MemoryKills, WorkerCounters } from '../../model/wire.ts';
import type { RoleSessions } from '../probe/sessions.ts';

/** What a runtime can read of a running deployment; everything is counted since the start, so that two snapshots make a difference. */
export interface Observer {
  read(): Promise<Snapshot>;
  /** What all the deployments have done that it does not read: they stay up, and should have nothing to do. */
  readOthers(): Promise<DeploymentReading[]>;
  /**
   * How many requests each worker holds now, by its name: a look that is cheap enough for several a second. `undefined`:
   * the deployment does not tell.
   */
  held(): Promise<ReadonlyMap<string, number> | undefined>;
  /** The connections of its database role now; `null` where they cannot be counted. */
  sessions(): Promise<RoleSessions | null>;
  /** Memory of each component now. */
  memory(): Promise<Record<Component, Bytes>>;
}

/** What was read of a deployment at one moment. */
export interface Snapshot {
  /** Of a clock that only moves forward. */
  readonly time: Seconds;
  /** CPU seconds of each component. */
  readonly cpu: Record<Component, Seconds>;
  readonly machine: { readonly busy: Seconds; readonly total: Seconds; readonly steal: Seconds };
  /** nginx's processes that serve requests. */
  readonly nginxProcesses: number;
  /** For which a limit of its cgroup kept each component, or all of them together, from running; `null` where it cannot be read. */
  readonly throttled: Readonly<Partial<Record<Component | 'stack', Seconds | null>>>;
  /** Of the workers' threads; `null` where they cannot be read; absent: the deployment is hidden. */
  readonly contextSwitches?: { readonly voluntary: number; readonly involuntary: number } | null;
  /** Process ids of the workers; of a hidden deployment those that can be seen from outside, which may be none. */
  readonly processes: readonly number[];
  /** Processes that the kernel had killed as their container reached its memory limit, when the latest started; `null`: without a limit. */
  readonly memoryKills: MemoryKills | null;
  /** Absent: the deployment does not tell. */
  readonly workers?: readonly WorkerCounters[];
}

/** A deployment as a whole. */
export interface DeploymentReading {
  /** As in `deploymentName`. */
  readonly name: string;
  /** Absent: it does not tell. */
  readonly completed?: number;
  readonly inProgress?: number;
  /** CPU seconds of its processes. */
  readonly cpu: Seconds;
}

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

/** What was counted and seen of a steady state. */
export type Observed = Pick<
  Measurement,
  | 'observed'
  | 'utilisation'
  | 'cpuShare'
  | 'workers'
  | 'steal'
  | 'throttled'
  | 'throttledBy'
  | 'activeBackends'
  | 'connectionsInUse'
  | 'contextSwitches'
  | 'serviceDemand'
>;

/** What is known of a deployment apart from its snapshots; its throughput as k6 saw it. */
type Known = Pick<Deployment, 'containers' | 'databaseConnections'> & { readonly throughput: PerSecond };

/**
 * What two snapshots, at both ends of a steady state, and the samples between them say about it. Of a hidden deployment the
 * completions are k6's, and the connections in use those that were sampled.
 */
export function differences(
  before: Snapshot,
  after: Snapshot,
  { held, activeBackends, connectionsInUse }: Samples,
  { containers = {}, databaseConnections, throughput }: Known,
): Observed {
  const elapsed = after.time - before.time;
  const workers = after.workers?.map(worker => workerDifference(worker, before.workers ?? [], held));
  // The snapshots are counted against their own completions: those of a load that is stopped lie a little elsewhere.
  const counted = workers ? sum(workers.map(worker => worker.completed)) : throughput * elapsed;
  const completed = Math.max(1, counted);
  const total = after.machine.total - before.machine.total;
  const cpu = perComponent(component => after.cpu[component] - before.cpu[component]);
  const contextSwitches = switchesPerRequest(before, after, completed);
  return {
    observed: elapsed,
    ...(workers ? { workers } : { connectionsInUse }),
    activeBackends,
    serviceDemand: perComponent(component => cpu[component] / completed),
    ...throttling(before, after, elapsed),
    ...(contextSwitches !== undefined && { contextSwitches }),
    cpuShare: perComponent(component => cpu[component] / total),
    steal: (after.machine.steal - before.machine.steal) / total,
    utilisation: {
      cpu: (after.machine.busy - before.machine.busy) / total,
      ...(workers && after.workers
        ? workersUsed(workers, after.workers, elapsed)
        : connectionsInUse && { 'database-connections': Math.min(1, connectionsInUse.mean / databaseConnections) }),
      nginx: cpu.nginx / (after.nginxProcesses * elapsed),
      ...limitsUsed(containers, cpu, elapsed),
    },
  };
}

function workersUsed(workers: readonly WorkerActivity[], counters: readonly WorkerCounters[], elapsed: Seconds) {
  const connections = sum(counters.map(worker => worker.databaseConnections));
  return {
    workers: sum(workers.map(worker => worker.busy)) / (workers.length * elapsed),
    'database-connections': sum(workers.map(worker => worker.connectionsHeld)) / (connections * elapsed),
  };
}

/** What other deployments did between two snapshots that are so far apart. */
export function othersBetween(
  before: readonly DeploymentReading[],
  after: readonly DeploymentReading[],
  elapsed: Seconds,
): OtherDeployment[] {
  return after.map(({ name, completed, inProgress, cpu }) => {
    const earlier = before.find(other => other.name === name);
    return {
      name,
      ...(completed !== undefined && { completed: completed - (earlier?.completed ?? 0) }),
      ...(inProgress !== undefined && { inProgress }),
      cpus: (cpu - (earlier?.cpu ?? 0)) / elapsed,
    };
  });
}

/** A value for each component. */
export function perComponent(of: (component: Component) => number): Record<Component, number> {
  return Object.fromEntries(components.map(component => [component, of(component)])) as Record<Component, number>;
}

/** The part of each limit of CPU time that its container used. */
function limitsUsed(
  containers: Containers,
  cpu: Record<Component, Seconds>,
  elapsed: Seconds,
): Partial<Record<ContainerCpus, Fraction>> {
  const used = limitedContainers.flatMap(container => {
    const limit = limitedCpus(containers[container]);
    return limit === undefined ? [] : [[`${container}-cpus`, cpu[container] / (limit * elapsed)] as const];
  });
  return Object.fromEntries(used);
}

/** How long limits held components up. Several CPUs can be held up at once, and each of them counts. */
function throttling(before: Snapshot, after: Snapshot, elapsed: Seconds): Pick<Observed, 'throttled' | 'throttledBy'> {
  const times = Object.entries(after.throttled).flatMap(([name, time]) => {
    const earlier = before.throttled[name as keyof Snapshot['throttled']] ?? null;
    if (time === null || earlier === null) return [];
    return [[name, Math.min(1, Math.max(0, time - earlier) / elapsed)] as const];
  });
  if (times.length === 0) return { throttled: null };
  const heldUp = times.filter(([name, part]) => name !== 'stack' && part > 0);
  return {
    // A load is held up as long as any of its components is.
    throttled: Math.max(...times.map(([, part]) => part)),
    ...(heldUp.length > 0 && { throttledBy: Object.fromEntries(heldUp) }),
  };
}

function switchesPerRequest(before: Snapshot, after: Snapshot, completed: number): Measurement['contextSwitches'] {
  if (before.contextSwitches === undefined || after.contextSwitches === undefined) return undefined;
  if (before.contextSwitches === null || after.contextSwitches === null) return null;
  return {
    voluntary: (after.contextSwitches.voluntary - before.contextSwitches.voluntary) / completed,
    involuntary: (after.contextSwitches.involuntary - before.contextSwitches.involuntary) / completed,
  };
}

function workerDifference(
  after: WorkerCounters,
  all: readonly WorkerCounters[],
  held: Samples['held'],
): WorkerActivity {
  const before = all.find(({ name }) => name === after.name);
  return {
    name: after.name,
    completed: after.completed - (before?.completed ?? 0),
    busy: after.busy - (before?.busy ?? 0),
    databaseWait: after.databaseWait - (before?.databaseWait ?? 0),
    connectionsHeld: after.connectionsHeld - (before?.connectionsHeld ?? 0),
    connectionWait: after.connectionWait - (before?.connectionWait ?? 0),
    inProgress: held.get(after.name) ?? { mean: 0, most: 0 },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
