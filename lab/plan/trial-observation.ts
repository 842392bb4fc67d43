import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { type Cell, cellName, isModelled } from '../../model/experiment.ts';
import { type Component, isTold, type ToldMeasurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { meanPerRequest, requirementsOf, type ServiceModel } from '../simulation/service-model.ts';

/** What one trial tells of the service, request by request. */
export interface TrialObservation {
  readonly cell: Cell;
  /** Completed in its steady state. */
  readonly requests: number;
  readonly throughput: PerSecond;
  readonly workers: number;
  /** Means over the workload's requests: statements that wait, others, CPU work and database wait as asked for. */
  readonly waits: number;
  readonly reads: number;
  readonly cpuWork: Seconds;
  readonly wait: Seconds;
  /** CPU seconds per request. */
  readonly demand: Record<Component, Seconds>;
  /** Seconds per request that workers waited for the database. */
  readonly databaseWait: Seconds;
  readonly cpuUtilisation: Fraction;
  /** The part of the CPUs that was neither idle nor any component's. */
  readonly lostCpu: Fraction;
  readonly nginxProcesses: number;
  readonly memory: Record<Component, Bytes>;
  readonly inProgress: number;
}

/** Completed trials from which a service can be fitted: without those of claims, of limited containers, of hidden deployments, and with no response. */
export function observeTrials(results: readonly TrialResult[], model: ServiceModel): TrialObservation[] {
  return results.flatMap(result => {
    if (result.state !== 'completed' || result.trial.purpose === 'claim') return [];
    const { trial, measurement } = result;
    // The time for which a limit held a container up would be taken for work.
    if (!isModelled(trial.cell) || !isTold(measurement)) return [];
    const requests = measurement.workers.reduce((sum, { completed }) => sum + completed, 0);
    if (requests === 0 || trial.load.model === 'burst') return [];
    return [observationOf(trial.cell, measurement, requests, model)];
  });
}

function observationOf(
  cell: Cell,
  measurement: ToldMeasurement,
  requests: number,
  model: ServiceModel,
): TrialObservation {
  const { throughput, serviceDemand, utilisation, cpuShare, workers } = measurement;
  const requirements = requirementsOf(cell.workload, { ...model, cpuWork: 1, readStatement: 0 });
  const all = meanPerRequest(requirementsOf(cell.workload, { ...model, readStatement: 1 }), one => one.statements);
  const waits = meanPerRequest(requirements, one => one.statements);
  const used = Object.values(cpuShare).reduce((sum, share) => sum + share, 0);
  return {
    cell,
    requests,
    throughput,
    workers: deriveParallelism(cell.deployment).workers,
    waits,
    reads: all - waits,
    cpuWork: meanPerRequest(requirements, ({ cpuSeconds }) => cpuSeconds),
    wait: meanPerRequest(requirements, ({ wait }) => wait),
    demand: serviceDemand,
    databaseWait: workers.reduce((sum, { databaseWait }) => sum + databaseWait, 0) / requests,
    cpuUtilisation: utilisation.cpu,
    lostCpu: Math.max(0, utilisation.cpu - used),
    nginxProcesses: utilisation.nginx > 0 ? (throughput * serviceDemand.nginx) / utilisation.nginx : 0,
    memory: measurement.memory,
    inProgress: workers.reduce((sum, { inProgress }) => sum + inProgress.mean, 0),
  };
}

/** Statements a request, as statements that wait: others count as a part of one. */
export function statementsIn(
  { waits, reads }: Pick<TrialObservation, 'waits' | 'reads'>,
  readStatement: Fraction = 1,
): number {
  return waits + readStatement * reads;
}

/** The cells that were observed, each once, in the order in which they first were. */
export function observedCells(observations: readonly TrialObservation[]): Cell[] {
  return [...new Map(observations.map(({ cell }) => [cellName(cell), cell])).values()];
}

/** Deployments by name. */
export function observedDeployments(observations: readonly TrialObservation[]): Deployment[] {
  return [
    ...new Map(observations.map(({ cell: { deployment } }) => [deploymentName(deployment), deployment])).values(),
  ];
}
