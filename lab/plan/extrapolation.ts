import type { Deployment } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { deriveRequirements, meanPerRequest } from '../simulation/service-model.ts';
import type { FittedModel, Range } from './fitted-model.ts';
import { type PlannedMachine, workloadOn } from './question.ts';

/** A quantity asked for beyond what was measured. */
export interface Extrapolation {
  readonly quantity: 'cpus' | 'workers' | 'load of a worker' | 'database wait' | 'CPU work' | 'topology';
  readonly asked: number | string;
  readonly measured: { readonly least: number; readonly most: number } | readonly string[];
  /** Times the nearest that was measured, 2 for twice or half. */
  readonly factor: number;
  /** Beyond what the model is trusted with. */
  readonly tooFar: boolean;
}

/** Times what was measured, up or down, as far as the model is trusted. */
export const furthest = { cpus: 4, workers: 8, 'load of a worker': 2, 'database wait': 5, 'CPU work': 5 } as const;

/** What is asked beyond the measurements that the model was fitted to, furthest first. */
export function listExtrapolations(
  { measured, cpus, service }: FittedModel,
  machine: PlannedMachine,
  asked: { readonly workload: Workload; readonly deployment?: Deployment; readonly arrivalRate?: PerSecond },
): Extrapolation[] {
  const requirements = deriveRequirements(workloadOn(asked.workload, machine), { ...service, cpuWork: 1 });
  const wait = meanPerRequest(requirements, one => one.wait);
  const cpuWork = meanPerRequest(requirements, ({ cpuSeconds }) => cpuSeconds);
  const { deployment, arrivalRate } = asked;
  const found = [
    extrapolate('cpus', machine.cpus, { least: cpus, most: cpus }),
    ...(wait > 0 ? [extrapolate('database wait', wait, measured.wait)] : []),
    ...(cpuWork > 0 ? [extrapolate('CPU work', cpuWork, measured.cpuWork)] : []),
    ...(deployment === undefined ? [] : extrapolateDeployment(deployment, arrivalRate, measured)),
  ];
  return found.filter(({ factor }) => factor > 1).sort((a, b) => b.factor - a.factor);
}

function extrapolateDeployment(
  deployment: Deployment,
  arrivalRate: PerSecond | undefined,
  measured: FittedModel['measured'],
): Extrapolation[] {
  const { app } = deployment.spec;
  const [ofWorkers, ofLoad] = [measured.workers[app], measured.perWorker[app]];
  if (ofWorkers === undefined || ofLoad === undefined) {
    const factor = Number.POSITIVE_INFINITY;
    return [{ quantity: 'topology', asked: deployment.topology, measured: measured.apps, factor, tooFar: true }];
  }
  const { workers } = deriveParallelism(deployment);
  const load = arrivalRate === undefined ? 0 : arrivalRate / workers;
  return [extrapolate('workers', workers, ofWorkers), extrapolate('load of a worker', load, { ...ofLoad, least: 0 })];
}

function extrapolate(quantity: keyof typeof furthest, asked: number, measured: Range): Extrapolation {
  const { least, most } = measured;
  const above = most > 0 ? asked / most : Number.POSITIVE_INFINITY;
  const factor = asked > most ? above : asked < least ? least / asked : 1;
  return { quantity, asked, measured, factor, tooFar: factor > furthest[quantity] };
}
