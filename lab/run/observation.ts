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
import type { Bytes, PerSecond, Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import type { MemoryKills, WorkerCounters } from '../../model/wire.ts';
import type { RoleSessions } from '../probe/sessions.ts';

/** Reads a running deployment. Everything is counted since the start, so that two snapshots make a difference. */
export interface Observer {
  read(): Promise<Snapshot>;
  /** The same, with the memory of each component, in one look. */
  readWithMemory(): Promise<Snapshot & { readonly memory: Record<Component, Bytes> }>;
  /** What all other deployments of the stack have done, which should be idle. */
  readOthers(): Promise<DeploymentReading[]>;
  /** Requests that each worker holds now, by its name; cheap enough for several looks a second. `undefined`: hidden. */
  held(): Promise<ReadonlyMap<string, number> | undefined>;
  /** The connections of the deployment's database role now; `null`: they cannot be counted. */
  sessions(): Promise<RoleSessions | null>;
}

/** A deployment at one moment. */
export interface Snapshot {
  /** Of a clock that only moves forward. */
  readonly time: Seconds;
  /** CPU seconds of each component. */
  readonly cpu: Record<Component, Seconds>;
  readonly machine: { readonly busy: Seconds; readonly total: Seconds; readonly steal: Seconds };
  /** nginx's processes that serve requests. */
  readonly nginxProcesses: number;
  /** Seconds for which a cgroup limit throttled each component, or all of them together; `null`: it cannot be read. */
  readonly throttled: Readonly<Partial<Record<Component | 'stack', Seconds | null>>>;
  /** Of the workers' threads; `null`: they cannot be read; absent: hidden. */
  readonly contextSwitches?: { readonly voluntary: number; readonly involuntary: number } | null;
  /** Process ids of the workers; of a hidden deployment those that can be seen from outside, which may be none. */
  readonly processes: readonly number[];
  /** Kills at the container's memory limit, counted when the latest process started; `null`: no limit. */
  readonly memoryKills: MemoryKills | null;
  /** Absent: hidden. */
  readonly workers?: readonly WorkerCounters[];
}

/** A deployment as a whole. */
export interface DeploymentReading {
  /** As in `deploymentName`. */
  readonly name: string;
  /** Absent: hidden. */
  readonly completed?: number;
  readonly inProgress?: number;
  /** CPU seconds of its processes. */
  readonly cpu: Seconds;
}

/** Values that were seen at several moments. */
interface Sampled {
  readonly mean: number;
  readonly most: number;
}

/** What was seen of a deployment between two snapshots. */
export interface Samples {
  /** Requests that each worker held, by its name. */
  readonly held: ReadonlyMap<string, Sampled>;
  /** Database connections at a statement; `null`: they could not be counted. */
  readonly activeBackends: Sampled | null;
  /** Database connections at a statement or in a transaction; `null`: they could not be counted. */
  readonly connectionsInUse: Sampled | null;
}

/** Seconds between two looks at the workers, for each of their processes, and at the database. */
interface Pace {
  readonly workers: Seconds;
  readonly perProcess: Seconds;
  readonly database: Seconds;
}

/** A look at a process took 1.3 ms of CPU on both ends together, one at the database 1.8 ms: half a per cent of a CPU each. */
const STEADY: Pace = { workers: 0.25, perProcess: 0.25, database: 0.5 };
/** Only these looks count the connections that a hidden deployment uses. */
const HIDDEN: Pace = { ...STEADY, database: 0.25 };
/** A burst is over soon. */
const BURST: Pace = { workers: 0.04, perProcess: 0.01, database: 0.1 };

/** Looks at a deployment again and again, until it is stopped. */
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

  /** Returns when the last look has ended. */
  async stop(): Promise<Samples> {
    this.#stopped.abort();
    await this.#looking;
    const isCounted = this.#sessions.length > 0;
    return {
      held: new Map([...this.#held].map(([worker, requests]) => [worker, summarizeSamples(requests)])),
      activeBackends: isCounted ? summarizeSamples(this.#sessions.map(({ active }) => active)) : null,
      connectionsInUse: isCounted ? summarizeSamples(this.#sessions.map(({ inUse }) => inUse)) : null,
    };
  }

  async #repeat(every: Seconds, look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // A look may fail: the snapshots tell whether a worker has died.
      await look().catch(() => undefined);
      await delay(every * 1000, undefined, { signal }).catch(() => undefined);
    }
  }
}

function summarizeSamples(values: readonly number[]): Sampled {
  return { mean: mean(values), most: Math.max(...values) };
}

/** What was counted and seen of a steady state. */
type Observed = Pick<
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

/** What is known of a deployment besides its snapshots; the throughput as k6 saw it. */
type KnownDeployment = Pick<Deployment, 'containers' | 'databaseConnections'> & { readonly throughput: PerSecond };

/**
 * What two snapshots, at both ends of a steady state, and the samples between them say about it. Of a hidden deployment,
 * k6 counts the completions and the samples the connections in use.
 */
export function differences(
  before: Snapshot,
  after: Snapshot,
  { held, activeBackends, connectionsInUse }: Samples,
  { containers = {}, databaseConnections, throughput }: KnownDeployment,
): Observed {
  const elapsed = after.time - before.time;
  const workers = after.workers?.map(worker => workerDifference(worker, before.workers ?? [], held));
  // By the completions between the snapshots: a load that is stopped ends a little elsewhere.
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
        ? workersUtilisation(workers, after.workers, elapsed)
        : connectionsInUse && { 'database-connections': Math.min(1, connectionsInUse.mean / databaseConnections) }),
      nginx: cpu.nginx / (after.nginxProcesses * elapsed),
      ...limitsUtilisation(containers, cpu, elapsed),
    },
  };
}

/** What other deployments did between two readings. */
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

function workersUtilisation(workers: readonly WorkerActivity[], counters: readonly WorkerCounters[], elapsed: Seconds) {
  const connections = sum(counters.map(worker => worker.databaseConnections));
  return {
    workers: sum(workers.map(worker => worker.busy)) / (workers.length * elapsed),
    'database-connections': sum(workers.map(worker => worker.connectionsHeld)) / (connections * elapsed),
  };
}

/** The part of each limit of CPU time that its container used. */
function limitsUtilisation(
  containers: Containers,
  cpu: Record<Component, Seconds>,
  elapsed: Seconds,
): Partial<Record<ContainerCpus, number>> {
  const used = limitedContainers.flatMap(container => {
    const limit = limitedCpus(containers[container]);
    return limit === undefined ? [] : [[`${container}-cpus`, cpu[container] / (limit * elapsed)] as const];
  });
  return Object.fromEntries(used);
}

/** The part of the time for which limits held components up; several CPUs that are held up at once all count. */
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

function switchesPerRequest(
  { contextSwitches: before }: Snapshot,
  { contextSwitches: after }: Snapshot,
  completed: number,
): Measurement['contextSwitches'] {
  if (before === undefined || after === undefined) return undefined;
  if (before === null || after === null) return null;
  return {
    voluntary: (after.voluntary - before.voluntary) / completed,
    involuntary: (after.involuntary - before.involuntary) / completed,
  };
}

const counted = ['completed', 'busy', 'databaseWait', 'connectionsHeld', 'connectionWait'] as const;

function workerDifference(
  after: WorkerCounters,
  all: readonly WorkerCounters[],
  held: Samples['held'],
): WorkerActivity {
  const before = all.find(({ name }) => name === after.name);
  const differences = counted.map(key => [key, after[key] - (before?.[key] ?? 0)]);
  const activity = Object.fromEntries(differences) as Record<(typeof counted)[number], number>;
  return { name: after.name, ...activity, inProgress: held.get(after.name) ?? { mean: 0, most: 0 } };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
