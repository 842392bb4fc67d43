import { fitUniversalScalability, type ScalabilityPoint } from '../queueing/universal-scalability.ts';
import {
  type CpuDemand,
  type DemandGrowth,
  mapWorkers,
  type ServiceModel,
  type WorkerDemand,
  workerDemandOf,
} from '../simulation/service-model.ts';
import { type TrialObservation, workerDemandIn } from './observations.ts';

/** How an app's demand grows with its workers. */
export interface Growth {
  readonly app: string;
  readonly growth: DemandGrowth;
  /** The demand with one worker, times what was fitted without growth. */
  readonly ofOne: number;
}

/** Different numbers of workers needed to fit a law, and requests of a trial. */
const LEAST_SIZES = 4;
const LEAST_REQUESTS = 200;

/**
 * The apps whose demand is shown to grow, by the universal scalability law: w workers that need D(w) for a request get
 * through what w D(1) ÷ D(w) independent workers would. Each trial is a point, at its own load: D(1) is what the fit
 * without growth expects there.
 */
export function fitGrowths(observations: readonly TrialObservation[], service: ServiceModel): Growth[] {
  const looked = observations.filter(({ requests }) => requests >= LEAST_REQUESTS);
  return [...Map.groupBy(looked, ({ app }) => app)].flatMap(([app, own]) => {
    const points = own.flatMap(observation => scalabilityPoint(observation, service));
    if (new Set(points.map(({ concurrency }) => concurrency)).size < LEAST_SIZES) return [];
    const full = fitUniversalScalability(points);
    // Coherency counts where its interval excludes 0; otherwise contention alone may (Amdahl's law).
    const shown = full.low.coherency > 0 ? full : fitUniversalScalability(points, { coherency: false });
    if (full.low.coherency === 0 && shown.low.contention === 0) return [];
    const { contention, coherency, throughputOfOne } = shown.law;
    return [{ app, growth: { contention, coherency }, ofOne: 1 / throughputOfOne }];
  });
}

/** Errors are relative, so that points count alike when weighed by 1 ÷ throughput². */
function scalabilityPoint(observation: TrialObservation, service: ServiceModel): ScalabilityPoint[] {
  const { app, workers, demand, cpuWork } = observation;
  const { growth: _, ...worker } = workerDemandOf(service, app);
  const asked = (service.cpuWork ?? 1) * cpuWork;
  const expected = workerDemandIn(observation, service, worker) - asked;
  const needed = demand.workers - asked;
  if (!(needed > 0 && expected > 0)) return [];
  const throughput = (workers * expected) / needed;
  return [{ concurrency: workers, throughput, weight: throughput ** -2 }];
}

/** The service with these growths; its demands are then those of one worker. */
export function applyGrowths(service: ServiceModel, growths: readonly Growth[]): ServiceModel {
  const grown = (worker: WorkerDemand, app: string): WorkerDemand => {
    const found = growths.find(growth => growth.app === app);
    if (found === undefined) return worker;
    const times = ({ light, least, half }: CpuDemand) => ({
      light: found.ofOne * light,
      least: found.ofOne * least,
      half,
    });
    return { request: times(worker.request), statement: times(worker.statement), growth: found.growth };
  };
  return { ...service, workers: mapWorkers(service, grown) };
}
