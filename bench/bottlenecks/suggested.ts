import type { Help } from '../../lab/explain/advice.ts';
import { trueCapacityOf } from '../../lab/simulation/true-capacity.ts';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { BottleneckCase } from './cases.ts';

/** A case in the size that was proposed for it. */
export function suggestedSize(one: BottleneckCase, { resource, amount }: Help): BottleneckCase {
  const { cell, cpus, model } = one;
  const { deployment } = cell;
  switch (resource) {
    case 'cpu':
      return { ...one, cpus: amount, cell: { ...cell, deployment: withTimesWorkers(deployment, amount / cpus) } };
    case 'workers': {
      const workers = deriveParallelism(deployment).workers;
      return { ...one, cell: { ...cell, deployment: withTimesWorkers(deployment, amount / workers) } };
    }
    case 'database-connections':
      return { ...one, cell: { ...cell, deployment: { ...deployment, databaseConnections: amount } } };
    case 'nginx':
      return { ...one, model: { ...model, nginxProcesses: amount } };
    default:
      throw new RangeError(`${resource} is no resource of a simulation`);
  }
}

/** What a proposal promised and what it keeps, each as a multiple of the capacity before. */
export interface Gain {
  readonly expected: number;
  readonly true: number;
}

/** By long runs of the simulated deployment in both sizes. */
export function gainOf(one: BottleneckCase, help: Help, found: PerSecond, seed: number): Gain {
  const capacityOf = ({ cell, model, objective, cpus }: BottleneckCase) =>
    trueCapacityOf(cell, model, objective, { cpus, seed, requests: LONG_RUN });
  return { expected: help.capacity / found, true: capacityOf(suggestedSize(one, help)) / capacityOf(one) };
}

/** Whether it holds to within this: more as less. */
export function isKept(gain: Gain): boolean {
  return Math.abs(Math.log(gain.expected / gain.true)) <= Math.log(1 + WITHIN);
}

export const WITHIN = 0.15;
/** Requests. */
const LONG_RUN = 200_000;

function withTimesWorkers(deployment: Deployment, times: number): Deployment {
  const { topology, spec, processes, threadsPerProcess, databaseConnections } = deployment;
  const limited = isConcurrencyLimited(spec);
  const inThreads = limited && spec.sizes.processes === undefined;
  // One event loop becomes several, each in a process of its own.
  return deploymentOf(!limited && spec.sizes.processes === undefined ? 'hybrid' : topology, 1, {
    processes: inThreads ? processes : processes * times,
    threadsPerProcess: inThreads ? threadsPerProcess * times : threadsPerProcess,
    databaseConnections: limited ? databaseConnections * times : databaseConnections,
  });
}
