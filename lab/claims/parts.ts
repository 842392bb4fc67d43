import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import type { Cell, Experiment, Load, Phases, Workload } from '../../model/experiment.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import type { TopologyName } from '../../model/topology.ts';
import { shippedWorkloads } from '../experiment/shipped-workloads.ts';
import type { ClaimPart } from './claim.ts';

/** The workloads that claims share with experiments: one capacity serves both. */
export const wait = shipped('wait');
export const cpu = shipped('cpu');
export const item = shipped('item');
export const plain = shipped('plain');

/** A wait of so many milliseconds in the database. */
export function waitOf(milliseconds: number): Workload {
  return { name: `wait-${milliseconds}`, requests: [{ weight: 1, route: 'wait', parameters: { ms: milliseconds } }] };
}

/** The article's own sizes: as many processes as CPUs. */
export function perCpu(topology: TopologyName, { cpus }: Pick<Experiment, 'cpus'>): Deployment {
  return deploymentOf(topology, cpus);
}

/** A part of a claim under an open load. */
export function openPart(
  part: string,
  cell: Cell,
  arrivalRate: PerSecond,
  steadyState: Seconds,
  phases: Partial<Phases> = {},
): ClaimPart {
  return loadedPart(part, cell, { model: 'open', arrivalRate }, { steadyState, ...phases });
}

/** A part of a claim under any load; what is not said of its phases is short. */
export function loadedPart(
  part: string,
  cell: Cell,
  load: Load,
  { warmUp = 1, steadyState, timeLimit = 2.5 }: Pick<Phases, 'steadyState'> & Partial<Phases>,
): ClaimPart {
  return { part, cell, load, phases: { warmUp, steadyState, timeLimit } };
}

function shipped(name: keyof typeof shippedWorkloads): Workload {
  return { name, requests: shippedWorkloads[name] };
}
