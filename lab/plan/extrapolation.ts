import type { Deployment } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { meanPerRequest, requirementsOf } from '../simulation/service-model.ts';
import type { FittedModel, Range } from './fitted-model.ts';
import { type PlannedMachine, workloadOn } from './planned-machine.ts';
import type { Extrapolation } from './recommendation.ts';

/** Times what was measured, up or down, as far as the model is trusted. */
export const furthest = { cpus: 4, workers: 8, 'load of a worker': 2, 'database wait': 5, 'CPU work': 5 } as const;

/** What is asked of the model beyond what it was fitted to, furthest first; empty where it knows all of it. */
export function extrapolationsOf(
  { measured, cpus, service }: FittedModel,
  machine: PlannedMachine,
  asked: { readonly workload: Workload; readonly deployment?: Deployment; readonly arrivalRate?: PerSecond },
): Extrapolation[] {
  // As asked for: what it takes beyond that was fitted.
  const requirements = requirementsOf(workloadOn(asked.workload, machine), { ...service, cpuWork: 1 });
  const wait = meanPerRequest(requirements, one => one.wait);
  const cpuWork = meanPerRequest(requirements, ({ cpuSeconds }) => cpuSeconds);
  const { deployment, arrivalRate } = asked;
  const found = [
    beyond('cpus', machine.cpus, { least: cpus, most: cpus }),
    ...(wait > 0 ? [beyond('database wait', wait, measured.wait)] : []),
    ...(cpuWork > 0 ? [beyond('CPU work', cpuWork, measured.cpuWork)] : []),
    ...(deployment === undefined ? [] : ofDeployment(deployment, arrivalRate, measured)),
  ];
  return found.filter(({ factor }) => factor > 1).sort((a, b) => b.factor - a.factor);
}

function ofDeployment(
  deployment: Deployment,
  arrivalRate: PerSecond | undefined,
  measured: FittedModel['measured'],
): Extrapolation[] {
  const { topology } = deployment;
  const { app } = deployment.spec;
  const workers = deriveParallelism(deployment).workers;
  const ofWorkers = measured.workers[app];
  const ofLoad = measured.perWorker[app];
  if (ofWorkers === undefined || ofLoad === undefined) {
    const factor = Number.POSITIVE_INFINITY;
    return [{ quantity: 'topology', asked: topology, measured: measured.apps, factor, tooFar: true }];
  }
  return [
    beyond('workers', workers, ofWorkers),
    ...(arrivalRate === undefined ? [] : [beyond('load of a worker', arrivalRate / workers, { ...ofLoad, least: 0 })]),
  ];
}

function beyond(quantity: keyof typeof furthest, asked: number, measured: Range): Extrapolation {
  const factor = factorOf(asked, measured);
  return { quantity, asked, measured, factor, tooFar: factor > furthest[quantity] };
}

/** 1 within the range; of nothing that was measured any amount is infinitely far. */
function factorOf(asked: number, { least, most }: Range): number {
  if (asked > most) return most > 0 ? asked / most : Number.POSITIVE_INFINITY;
  return asked < least ? least / asked : 1;
}
