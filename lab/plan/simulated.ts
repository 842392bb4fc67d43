import type { Deployment } from '../../model/deployment.ts';
import type { Load, Objective, Trial, Workload } from '../../model/experiment.ts';
import { countOverObjective, type Histogram, meanOf, merged, quantile } from '../../model/histogram.ts';
import { requireTold, type ToldMeasurement } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { simulateTrial } from '../simulation/simulate-trial.ts';
import { type ResponseTimes, toldTimes } from './prediction.ts';

/** What is to be simulated, and how long. */
export interface SimulatedLoad {
  readonly deployment: Deployment;
  readonly workload: Workload;
  readonly load: Exclude<Load, { model: 'burst' }>;
  /** What is expected of it. */
  readonly throughput: PerSecond;
  readonly model: ServiceModel;
  readonly cpus: number;
  readonly objective: Objective;
  readonly seed: number;
  /** In each replication. */
  readonly requests: number;
  readonly replications: number;
}

/** Means over independent replications. */
export interface SimulatedOutcome {
  /** Whether requests in progress stayed as few as they were. */
  readonly stable: boolean;
  readonly responseTime: ResponseTimes;
  /** All of them. */
  readonly histogram: Histogram;
  /** Each replication's response time at the objective's quantile. */
  readonly atObjective: readonly Seconds[];
  readonly throughput: PerSecond;
  readonly concurrency: number;
  readonly measurements: readonly ToldMeasurement[];
}

/** Below this part of what was offered more arrives than is served. */
const LEAST_SERVED: Fraction = 0.97;
const WARM_UP: Seconds = 2;
/** Of a replication: at hardly any load it looks at fewer requests, among which nobody waits. */
const LONGEST: Seconds = 3600;

/** Simulates the load several times with seeds of their own. */
export function simulated(asked: SimulatedLoad): SimulatedOutcome {
  const { objective, load } = asked;
  const measurements = Array.from({ length: asked.replications }, (_, index) => replication(asked, index));
  const histogram = merged(
    measurements.map(({ responseTime }) => responseTime),
    objective.responseTime,
  );
  const throughput = mean(measurements.map(one => one.throughput));
  const offered = mean(measurements.map(one => one.offeredLoad));
  return {
    stable: load.model !== 'open' || throughput >= LEAST_SERVED * offered,
    histogram,
    responseTime: {
      mean: meanOf(histogram),
      quantiles: toldTimes(q => quantile(histogram, q)),
      atObjective: quantile(histogram, objective.quantile),
      overObjective: histogram.count === 0 ? 0 : countOverObjective(histogram) / histogram.count,
    },
    atObjective: measurements.map(({ responseTime }) => quantile(responseTime, objective.quantile)),
    throughput,
    concurrency: mean(measurements.map(({ inProgress }) => mean(inProgress.map(({ requests }) => requests)))),
    measurements,
  };
}

function replication({ deployment, workload, load, model, cpus, objective, ...asked }: SimulatedLoad, index: number) {
  const trial: Trial = {
    ...{ id: `r${index}`, purpose: 'load', block: 0, position: index, seed: asked.seed + index },
    cell: { deployment, workload },
    load,
    phases: {
      warmUp: Math.max(WARM_UP, 4 * objective.responseTime),
      steadyState: Math.min(LONGEST, asked.requests / asked.throughput),
      timeLimit: 10 * objective.responseTime,
    },
  };
  return requireTold(simulateTrial(trial, model, { cpus, objective: objective.responseTime }).measurement);
}
