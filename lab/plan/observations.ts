import { type Cell, cellName, isModelled } from '../../model/experiment.ts';
import { type Component, isTold, type ToldMeasurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import {
  demandAt,
  deriveRequirements,
  growthAt,
  meanPerRequest,
  type ServiceModel,
  workerDemandOf,
} from '../simulation/service-model.ts';
import type { MeasuredRange, Range } from './fitted-model.ts';

/** What one trial shows of the service; means are over the requests of its steady state. */
export interface TrialObservation {
  readonly cell: Cell;
  readonly app: string;
  /** Completed. */
  readonly requests: number;
  readonly throughput: PerSecond;
  readonly workers: number;
  /** Statements that wait, and others. */
  readonly waits: number;
  readonly reads: number;
  /** CPU work and database wait as asked for. */
  readonly cpuWork: Seconds;
  readonly wait: Seconds;
  /** CPU seconds. */
  readonly demand: Record<Component, Seconds>;
  /** For which workers waited for the database. */
  readonly databaseWait: Seconds;
  readonly cpuUtilisation: Fraction;
  /** The part of the CPUs used by none of the components. */
  readonly lostCpu: Fraction;
  readonly nginxProcesses: number;
  readonly memory: Record<Component, Bytes>;
  readonly inProgress: number;
}

/** Completed trials that a service can be fitted to: not those of claims, bursts, limited containers or hidden deployments. */
export function observeTrials(results: readonly TrialResult[], model: ServiceModel): TrialObservation[] {
  return results.flatMap(result => {
    if (result.state !== 'completed' || result.trial.purpose === 'claim') return [];
    const { trial, measurement } = result;
    // The time for which a limit held a container up would be taken for work.
    if (!isModelled(trial.cell) || !isTold(measurement)) return [];
    const requests = measurement.workers.reduce((sum, { completed }) => sum + completed, 0);
    if (requests === 0 || trial.load.model === 'burst') return [];
    return [observeTrial(trial.cell, measurement, requests, model)];
  });
}

function observeTrial(
  cell: Cell,
  measurement: ToldMeasurement,
  requests: number,
  model: ServiceModel,
): TrialObservation {
  const { throughput, serviceDemand, utilisation, cpuShare, workers } = measurement;
  const costs = deriveRequirements(cell.workload, { ...model, cpuWork: 1, readStatement: 0 });
  const withReads = deriveRequirements(cell.workload, { ...model, readStatement: 1 });
  const waits = meanPerRequest(costs, one => one.statements);
  const used = Object.values(cpuShare).reduce((sum, share) => sum + share, 0);
  return {
    cell,
    app: cell.deployment.spec.app,
    requests,
    throughput,
    workers: deriveParallelism(cell.deployment).workers,
    waits,
    reads: meanPerRequest(withReads, one => one.statements) - waits,
    cpuWork: meanPerRequest(costs, one => one.cpuSeconds),
    wait: meanPerRequest(costs, one => one.wait),
    demand: serviceDemand,
    databaseWait: workers.reduce((sum, { databaseWait }) => sum + databaseWait, 0) / requests,
    cpuUtilisation: utilisation.cpu,
    lostCpu: Math.max(0, utilisation.cpu - used),
    nginxProcesses: utilisation.nginx > 0 ? (throughput * serviceDemand.nginx) / utilisation.nginx : 0,
    memory: measurement.memory,
    inProgress: workers.reduce((sum, { inProgress }) => sum + inProgress.mean, 0),
  };
}

/** Statements a request, in statements that wait. */
export function statementsIn({ waits, reads }: TrialObservation, readStatement: Fraction = 1): number {
  return waits + readStatement * reads;
}

/** CPU of a worker per request at the load of the trial. */
export function workerDemandIn(
  observation: TrialObservation,
  service: ServiceModel,
  worker = workerDemandOf(service, observation.app),
): Seconds {
  const { throughput, workers } = observation;
  const { cpuWork = 1, readStatement } = service;
  const load = throughput / workers;
  const statements = statementsIn(observation, readStatement);
  const own = demandAt(worker.request, load) + statements * demandAt(worker.statement, load * statements);
  return cpuWork * observation.cpuWork + growthAt(worker.growth, workers) * own;
}

/** Whether the workers of a trial serve a limited number of requests at once. */
export function isBlocking({ cell }: TrialObservation): boolean {
  return isConcurrencyLimited(cell.deployment.spec);
}

/** What these trials cover. */
export function measureRange(observations: readonly TrialObservation[]): MeasuredRange {
  const byApp = Map.groupBy(observations, ({ app }) => app);
  const each = (of: (observation: TrialObservation) => number): Partial<Record<string, Range>> =>
    Object.fromEntries([...byApp].map(([app, own]) => [app, findRange(own.map(of))]));
  return {
    trials: observations.length,
    cells: [...new Set(observations.map(({ cell }) => cellName(cell)))],
    apps: [...byApp.keys()],
    routes: [...new Set(observations.flatMap(({ cell }) => cell.workload.requests.map(({ route }) => route)))],
    workers: each(({ workers }) => workers),
    perWorker: each(({ throughput, workers }) => throughput / workers),
    throughput: findRange(observations.map(({ throughput }) => throughput)),
    wait: findRange(observations.map(({ wait }) => wait)),
    cpuWork: findRange(observations.map(({ cpuWork }) => cpuWork)),
    connections: findRange(observations.map(({ cell }) => cell.deployment.databaseConnections)),
    assumed: listAssumptions(observations),
  };
}

function listAssumptions(observations: readonly TrialObservation[]): string[] {
  const blocking = observations.filter(isBlocking);
  const hasThreads = ({ cell }: TrialObservation) => cell.deployment.threadsPerProcess > 1;
  return [
    ...(observations.some(({ reads }) => reads > 0) ? [] : ['the cost of a read']),
    ...(observations.some(({ cpuWork }) => cpuWork > 0) ? [] : ['the duration of CPU work']),
    ...(observations.some(({ wait }) => wait > 0) ? [] : ['how much longer than asked a wait takes']),
    ...(blocking.length > 0 && !blocking.some(hasThreads) ? ['memory of a second thread'] : []),
    ...(blocking.length > 0 && blocking.every(hasThreads) ? ['memory of a blocking process'] : []),
    // Too small to be seen next to the memory of its process.
    'memory of a request in progress',
  ];
}

function findRange(values: readonly number[]): Range {
  return values.length === 0 ? { least: 0, most: 0 } : { least: Math.min(...values), most: Math.max(...values) };
}
