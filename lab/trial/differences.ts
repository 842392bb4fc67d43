import {
  type Component,
  components,
  type Measurement,
  type OtherDeployment,
  type WorkerCounters,
} from '../experiment/trial-result.ts';
import type { Seconds } from '../experiment/units.ts';
import type { DeploymentReading, Reading, WorkerReading } from './observer.ts';

/** What two readings, at the beginning and the end of a steady state, say about it. */
export function differences(
  before: Reading,
  after: Reading,
): Pick<Measurement, 'utilisation' | 'cpuShare' | 'workers' | 'steal'> & { cpu: Record<Component, Seconds> } {
  const elapsed = after.time - before.time;
  const workers = after.workers.map(worker => workerDifference(worker, before.workers));
  const total = after.machine.total - before.machine.total;
  const connections = sum(after.workers.map(worker => worker.databaseConnections));
  const cpu = perComponent(component => after.cpu[component] - before.cpu[component]);
  return {
    workers,
    cpu,
    cpuShare: perComponent(component => cpu[component] / total),
    steal: (after.machine.steal - before.machine.steal) / total,
    utilisation: {
      cpu: (after.machine.busy - before.machine.busy) / total,
      workers: sum(workers.map(worker => worker.busy)) / (workers.length * elapsed),
      'database-connections': sum(workers.map(worker => worker.connectionsHeld)) / (connections * elapsed),
    },
  };
}

/** What other deployments did between two readings that are so far apart. */
export function othersBetween(
  before: readonly DeploymentReading[],
  after: readonly DeploymentReading[],
  elapsed: Seconds,
): OtherDeployment[] {
  return after.map(({ name, completed, inProgress, cpu }) => {
    const earlier = before.find(other => other.name === name);
    return {
      name,
      completed: completed - (earlier?.completed ?? 0),
      inProgress,
      cpus: (cpu - (earlier?.cpu ?? 0)) / elapsed,
    };
  });
}

/** A value for each component. */
export function perComponent(of: (component: Component) => number): Record<Component, number> {
  return Object.fromEntries(components.map(component => [component, of(component)])) as Record<Component, number>;
}

function workerDifference(after: WorkerReading, all: readonly WorkerReading[]): WorkerCounters {
  const before = all.find(({ name }) => name === after.name);
  return {
    name: after.name,
    completed: after.completed - (before?.completed ?? 0),
    busy: after.busy - (before?.busy ?? 0),
    databaseWait: after.databaseWait - (before?.databaseWait ?? 0),
    connectionsHeld: after.connectionsHeld - (before?.connectionsHeld ?? 0),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
