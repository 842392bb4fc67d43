import type { AppName } from '../../services/topologies.ts';
import { fitUniversalScalability } from '../queueing/universal-scalability.ts';
import {
  type CpuDemand,
  type DemandGrowth,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { appOf } from './app-of.ts';
import type { Observation } from './observation.ts';
import { workerDemandAt } from './worker-demand.ts';

/** How an app's demand grows with its workers, as far as trials can tell. */
export type Growth =
  | {
      readonly app: AppName;
      /** `grows`: an interval of the law's numbers excludes 0; `does not grow`: neither does. */
      readonly state: 'grows' | 'does not grow';
      readonly growth: DemandGrowth;
      /** With one worker, times what was fitted without growth. */
      readonly ofOne: number;
      /** The most of each within their 95 % intervals. */
      readonly atMost: DemandGrowth;
    }
  /** So many different numbers of workers say nothing. */
  | { readonly app: AppName; readonly state: 'unknown'; readonly sizes: number };

/** Different numbers of workers without which no law is fitted, and requests of a trial that is looked at. */
const LEAST_SIZES = 4;
const LEAST_REQUESTS = 200;

/**
 * The growth of each app's demand, by the universal scalability law: w workers that need D(w) for a request get through
 * what w D(1) ÷ D(w) workers would that stay out of each other's way. Each trial is a point, at its own load: D(1) is what
 * the fit without growth expects there. What the trials do not show to grow is taken not to.
 */
export function growthsOf(observations: readonly Observation[], service: ServiceModel): Growth[] {
  const looked = observations.filter(({ requests }) => requests >= LEAST_REQUESTS);
  return [...Map.groupBy(looked, appOf)].map(([app, own]): Growth => {
    const { growth: _, ...worker } = workerDemandOf(service, app);
    const points = own.flatMap(observation => {
      const { workers, demand, cpuWork } = observation;
      const asked = (service.cpuWork ?? 1) * cpuWork;
      const expected = workerDemandAt(worker, observation, service) - asked;
      const needed = demand.workers - asked;
      return needed > 0 ? [{ concurrency: workers, throughput: (workers * expected) / needed }] : [];
    });
    const sizes = new Set(points.map(({ concurrency }) => concurrency)).size;
    if (sizes < LEAST_SIZES) return { app, state: 'unknown', sizes };
    const { law, low, high } = fitUniversalScalability(points);
    const contention = low.contention > 0 ? law.contention : 0;
    const coherency = low.coherency > 0 ? law.coherency : 0;
    const grows = contention + coherency > 0;
    return {
      app,
      state: grows ? 'grows' : 'does not grow',
      growth: { contention, coherency },
      ofOne: grows ? 1 / law.throughputOfOne : 1,
      atMost: { contention: high.contention, coherency: high.coherency },
    };
  });
}

/** The service with these growths; its demands are then those of one worker. */
export function withGrowths(service: ServiceModel, growths: readonly Growth[]): ServiceModel {
  const grown = (app: AppName, worker: WorkerDemand): WorkerDemand => {
    const found = growths.find(growth => growth.app === app);
    if (found?.state !== 'grows') return worker;
    const { growth, ofOne } = found;
    return { request: times(ofOne, worker.request), statement: times(ofOne, worker.statement), growth };
  };
  const { blockingWorker, eventLoop, expressLoop } = service;
  return {
    ...service,
    blockingWorker: grown('blocking-express', blockingWorker),
    eventLoop: grown('fastify', eventLoop),
    ...(expressLoop && { expressLoop: grown('express', expressLoop) }),
  };
}

function times(factor: number, { light, least, half }: CpuDemand): CpuDemand {
  return { light: factor * light, least: factor * least, half };
}
