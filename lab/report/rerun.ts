import { stringify } from 'yaml';
import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { type Cell, cellName, type Experiment, type Load } from '../../model/experiment.ts';
import { writeMemory } from '../../model/quantities.ts';
import type { Report } from './report.ts';

/** How to run the experiment of a report again: the command, and its file. */
interface Rerun {
  readonly command: string;
  /** YAML. */
  readonly file: string;
}

/** Writes the experiment as a file that leaves nothing to the defaults of another machine. */
export function describeRerun({ experiment, comparison }: Pick<Report, 'experiment' | 'comparison'>): Rerun {
  const cpus = comparison.runtime === 'simulated' ? ` --cpus ${experiment.cpus}` : '';
  return {
    command: `./loadline compare again.yaml --runtime ${comparison.runtime}${cpus}`,
    file: stringify(experimentEntry(experiment)),
  };
}

function experimentEntry(experiment: Experiment): object {
  const { name, seed, budget, objective, phases, blocks, capacity, sizes, claims } = experiment;
  const { cells, loads, limits, precision, partsOfCapacity, heldOut } = experiment;
  const deployments = new Map(cells.map(({ deployment }) => [deploymentName(deployment), deployment]));
  const workloads = Map.groupBy(cells, ({ workload }) => workload.name);
  return {
    ...{ name, seed, budget, objective, phases, blocks, capacity, partsOfCapacity, sizes, claims },
    ...(precision !== undefined && { precision: `${Number((100 * precision).toPrecision(12))}%` }),
    loads: loads.map(loadEntry),
    limits: { ...limits, ...(limits.memory !== undefined && { memory: writeMemory(limits.memory) }) },
    deployments: [...deployments].map(([key, deployment]) => deploymentEntry(key, deployment)),
    workloads: [...workloads].map(([key, own]) => ({
      name: key,
      requests: own[0]?.workload.requests,
      deployments: own.map(({ deployment }) => deploymentName(deployment)),
      ...heldOutEntry(own, heldOut ?? []),
    })),
  };
}

function deploymentEntry(name: string, { containers, spec: _, ...numbers }: Deployment): object {
  if (containers === undefined) return { name, ...numbers };
  const limits = Object.entries(containers).map(([container, { memory, ...cpus }]) => [
    container,
    { ...cpus, ...(memory !== undefined && { memory: writeMemory(memory) }) },
  ]);
  return { name, ...numbers, containers: Object.fromEntries(limits) };
}

function heldOutEntry(cells: readonly Cell[], heldOut: readonly string[]): { heldOut?: string[] } {
  const own = cells.filter(cell => heldOut.includes(cellName(cell)));
  return own.length === 0 ? {} : { heldOut: own.map(({ deployment }) => deploymentName(deployment)) };
}

function loadEntry(load: Load): unknown {
  switch (load.model) {
    case 'open':
      return load.arrivalRate;
    case 'closed':
      return { users: load.users, thinkTime: load.thinkTime };
    case 'burst':
      return { burst: load.requests };
  }
}
