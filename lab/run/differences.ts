import { type Containers, type Deployment, limitedContainers, limitedCpus } from '../../model/deployment.ts';
import {
  type Component,
  type ContainerCpus,
  components,
  type Measurement,
  type OtherDeployment,
  type WorkerActivity,
} from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { WorkerCounters } from '../../model/wire.ts';
import type { DeploymentReading, Snapshot } from './observer.ts';
import type { Samples } from './sampler.ts';

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
