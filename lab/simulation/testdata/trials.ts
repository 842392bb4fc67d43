import { deploymentOf } from '../../../model/deployment.ts';
import type { Load, Phases, Trial, WorkloadRequest } from '../../../model/experiment.ts';
import type { TopologyName } from '../../../model/topology.ts';

export interface TrialInWords {
  readonly topology: TopologyName;
  readonly cpus?: number;
  readonly processes?: number;
  readonly threadsPerProcess?: number;
  readonly databaseConnections?: number;
  readonly requests?: readonly WorkloadRequest[];
  readonly load: Load;
  readonly phases?: Partial<Phases>;
  readonly seed?: number;
}

/** A trial whose requests wait for 20 ms unless others are given. */
export function trialWith({
  topology,
  cpus = 2,
  requests = [waitRequest(20)],
  load,
  phases,
  seed = 1,
  ...numbers
}: TrialInWords): Trial {
  return {
    id: 'b0-p0',
    purpose: 'capacity',
    cell: { deployment: deploymentOf(topology, cpus, numbers), workload: { name: 'asked', requests } },
    load,
    phases: { warmUp: 2, steadyState: 10, timeLimit: 2.5, ...phases },
    seed,
    block: 0,
    position: 0,
  };
}

export function waitRequest(milliseconds: number, weight = 1): WorkloadRequest {
  return { weight, route: 'wait', parameters: { ms: milliseconds } };
}

export function cpuRequest(cpuSeconds: number, weight = 1): WorkloadRequest {
  return { weight, route: 'cpu', parameters: { cpuSeconds } };
}
