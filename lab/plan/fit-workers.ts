import type { Fraction } from '../../model/quantities.ts';
import { demandAt, type ServiceModel, type WorkerDemand, workerDemandOf } from '../simulation/service-model.ts';
import { appOf } from './app-of.ts';
import { beliefsOf, demandFrom, residualOf } from './demand-belief.ts';
import { mostLikely } from './most-likely.ts';
import { statementsIn, type TrialObservation } from './trial-observation.ts';
import { workerDemandAt } from './worker-demand.ts';

/** CPU work takes about as long as asked, since the lab has measured how long it takes. */
export const CPU_WORK = 0.1;
/** How many statements a read counts as is known less well. */
export const READS = 0.5;

type Workers = Pick<ServiceModel, 'workers'>;

/** Each app's demands, beside what is shared: how long CPU work takes, and what a read counts. */
export function fitWorkers(
  observations: readonly TrialObservation[],
  believed: ServiceModel,
  shared: ServiceModel,
): Workers {
  const by = Map.groupBy(observations, appOf);
  const fitted = (app: string) =>
    fitWorker(workerDemandOf(believed, app), workerDemandOf(shared, app), by.get(app) ?? [], shared);
  const apps = new Set([...Object.keys(believed.workers), ...by.keys()]);
  return { workers: Object.fromEntries([...apps].map(app => [app, fitted(app)])) };
}

function fitWorker(
  believed: WorkerDemand,
  first: WorkerDemand,
  observations: readonly TrialObservation[],
  shared: ServiceModel,
): WorkerDemand {
  const beliefs = [...beliefsOf(believed.request, first.request), ...beliefsOf(believed.statement, first.statement)];
  const fitted = mostLikely(beliefs, parameters => {
    const worker = { ...believed, request: demandFrom(parameters), statement: demandFrom(parameters.slice(3)) };
    return observations.map(observation => workerResidual(worker, observation, shared));
  });
  return { ...believed, request: demandFrom(fitted), statement: demandFrom(fitted.slice(3)) };
}

function workerResidual(
  worker: WorkerDemand,
  observation: TrialObservation,
  shared: Pick<ServiceModel, 'cpuWork' | 'readStatement'>,
): number {
  const expected = workerDemandAt(worker, observation, shared);
  return residualOf(expected, observation.demand.workers, observation.requests, observation.workers);
}

/** How long CPU work takes, in parts of what was asked. */
export function fitCpuWork(
  observations: readonly TrialObservation[],
  service: ServiceModel,
  believed: ServiceModel,
): Fraction {
  const computing = observations.filter(({ cpuWork }) => cpuWork > 0);
  const { cpuWork = 1 } = service;
  const [fitted = cpuWork] = mostLikely([{ value: believed.cpuWork ?? 1, deviation: CPU_WORK }], ([times = 1]) =>
    computing.map(observation =>
      workerResidual(workerDemandOf(service, appOf(observation)), observation, { ...service, cpuWork: times }),
    ),
  );
  return computing.length === 0 ? cpuWork : fitted;
}

/** How many statements a read counts as, by what it costs workers and Postgres. */
export function fitReadStatement(
  reading: readonly TrialObservation[],
  service: ServiceModel,
  believed: ServiceModel,
  cpus: number,
): Fraction {
  const [fitted = 1] = mostLikely([{ value: believed.readStatement ?? 1, deviation: READS }], ([readStatement = 1]) =>
    reading.flatMap(observation => {
      const statements = statementsIn(observation, readStatement);
      const postgres = statements * demandAt(service.postgres, (observation.throughput * statements) / cpus);
      return [
        workerResidual(workerDemandOf(service, appOf(observation)), observation, { ...service, readStatement }),
        residualOf(postgres, observation.demand.postgres, observation.requests, 1),
      ];
    }),
  );
  return fitted;
}
