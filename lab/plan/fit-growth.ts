import { fitUniversalScalability, type ScalabilityPoint } from '../queueing/universal-scalability.ts';
import {
  type CpuDemand,
  type DemandGrowth,
  mapWorkers,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { appOf } from './app-of.ts';
import type { TrialObservation } from './trial-observation.ts';
import { workerDemandAt } from './worker-demand.ts';

/** How an app's demand grows with its workers, as far as trials can tell. */
export type Growth =
  | {
      readonly app: string;
      /** `grows`: an interval of the law's numbers excludes 0; `does not grow`: neither does. */
      readonly state: 'grows' | 'does not grow';
      readonly growth: DemandGrowth;
      /** With one worker, times what was fitted without growth. */
      readonly ofOne: number;
      /** The most of each within their 95 % intervals. */
      readonly atMost: DemandGrowth;
    }
  /** So many different numbers of workers say nothing. */
  | { readonly app: string; readonly state: 'unknown'; readonly sizes: number };

/** Different numbers of workers without which no law is fitted, and requests of a trial that is looked at. */
const LEAST_SIZES = 4;
const LEAST_REQUESTS = 200;

/**
 * The growth of each app's demand, by the universal scalability law: w workers that need D(w) for a request get through
 * what w D(1) ÷ D(w) workers would that stay out of each other's way. Each trial is a point, at its own load: D(1) is what
 * the fit without growth expects there. What the trials do not show to grow is taken not to.
 */
export function growthsOf(observations: readonly TrialObservation[], service: ServiceModel): Growth[] {
  const looked = observations.filter(({ requests }) => requests >= LEAST_REQUESTS);
  return [...Map.groupBy(looked, appOf)].map(([app, own]): Growth => {
    const points = pointsOf(app, own, service);
    const sizes = new Set(points.map(({ concurrency }) => concurrency)).size;
    if (sizes < LEAST_SIZES) return { app, state: 'unknown', sizes };
    return { app, ...growthIn(points) };
  });
}

/** Errors are a part of what is measured, so that all points count alike when they are weighed by its square. */
function pointsOf(app: string, observations: readonly TrialObservation[], service: ServiceModel): ScalabilityPoint[] {
  const { growth: _, ...worker } = workerDemandOf(service, app);
  return observations.flatMap(observation => {
    const { workers, demand, cpuWork } = observation;
    const asked = (service.cpuWork ?? 1) * cpuWork;
    const expected = workerDemandAt(worker, observation, service) - asked;
    const needed = demand.workers - asked;
    if (!(needed > 0 && expected > 0)) return [];
    const throughput = (workers * expected) / needed;
    return [{ concurrency: workers, throughput, weight: throughput ** -2 }];
  });
}

/** The whole law where its coherency is shown, contention alone where that is, otherwise none. */
function growthIn(
  points: readonly ScalabilityPoint[],
): Omit<Extract<Growth, { state: 'grows' | 'does not grow' }>, 'app'> {
  const { law, low, high } = fitUniversalScalability(points);
  const atMost = { contention: high.contention, coherency: high.coherency };
  if (low.coherency > 0) {
    const { contention, coherency, throughputOfOne } = law;
    return { state: 'grows', growth: { contention, coherency }, ofOne: 1 / throughputOfOne, atMost };
  }
  // Without coherency it is Amdahl's law.
  const amdahl = fitUniversalScalability(points, { coherency: false });
  return amdahl.low.contention > 0
    ? {
        state: 'grows',
        growth: { contention: amdahl.law.contention, coherency: 0 },
        ofOne: 1 / amdahl.law.throughputOfOne,
        atMost,
      }
    : { state: 'does not grow', growth: { contention: 0, coherency: 0 }, ofOne: 1, atMost };
}

/** The service with these growths; its demands are then those of one worker. */
export function withGrowths(service: ServiceModel, growths: readonly Growth[]): ServiceModel {
  const grown = (worker: WorkerDemand, app: string): WorkerDemand => {
    const found = growths.find(growth => growth.app === app);
    if (found?.state !== 'grows') return worker;
    const { growth, ofOne } = found;
    return { request: times(ofOne, worker.request), statement: times(ofOne, worker.statement), growth };
  };
  return { ...service, workers: mapWorkers(service, grown) };
}

function times(factor: number, { light, least, half }: CpuDemand): CpuDemand {
  return { light: factor * light, least: factor * least, half };
}
