import { type Deployment, deploymentName } from '../../model/deployment.ts';
import type { Load, Objective, Trial, Workload } from '../../model/experiment.ts';
import { countOverObjective, type Histogram, meanOf, merged, quantile } from '../../model/histogram.ts';
import { type Component, type Resource, requireTold } from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { around, deviationOf, type Interval, mean } from '../../model/statistics.ts';
import { computeMemory, type ServiceModel } from '../simulation/service-model.ts';
import { simulateTrial } from '../simulation/simulate-trial.ts';
import { findTrueCapacity } from '../simulation/true-capacity.ts';
import type { FittedModel } from './fitted-model.ts';
import {
  capacityByFormulas,
  carriesByFormulas,
  closedThroughput,
  findSaturation,
  openLoadAt,
  quantilesFrom,
  type ResponseTimes,
} from './formulas.ts';
import { type PlannedMachine, serviceOn, workloadOn } from './question.ts';
import { type ReducedService, reduceService } from './reduced-service.ts';

export type OpenLoadAt = Extract<Load, { model: 'open' }>;
type ClosedLoad = Extract<Load, { model: 'closed' }>;

/** What a deployment does under a load. */
export type Prediction = StablePrediction | UnstablePrediction;

export interface StablePrediction {
  readonly state: 'stable';
  readonly by: 'formulas' | 'simulation';
  readonly responseTime: ResponseTimes;
  /** Only of the simulation. */
  readonly distribution?: Histogram;
  readonly throughput: PerSecond;
  /** Requests in the system. */
  readonly concurrency: number;
  readonly utilisation: Readonly<Record<Resource, Fraction>>;
  /** Of all CPUs of the machine. */
  readonly cpuShare: Readonly<Record<Component, Fraction>>;
  readonly memory: Readonly<Record<Component, Bytes>>;
  /** What saturates first as the load grows, and at which throughput. */
  readonly bottleneck: Resource;
  readonly saturation: PerSecond;
  /** Whether the objective is met. */
  readonly met: boolean;
}

/** More arrives than can be served: requests in progress grow without end. */
interface UnstablePrediction {
  readonly state: 'unstable';
  readonly by: 'formulas' | 'simulation';
  readonly bottleneck: Resource;
  /** The throughput at which the bottleneck saturates. */
  readonly capacity: PerSecond;
  readonly memory: Readonly<Record<Component, Bytes>>;
}

/** The highest offered load at which the objective is met, with its 95 % interval; 0: it is met at none. */
export interface PredictedCapacity extends Interval {
  readonly bottleneck: Resource;
}

/** How long a simulation is. */
export interface Effort {
  /** In each simulation. */
  readonly requests: number;
  readonly replications: number;
  readonly seed: number;
}

/** Enough for a decision, within a tenth of a second. */
const USUAL_EFFORT: Effort = { requests: 12_000, replications: 4, seed: 1 };
/** 97.5 % quantile of the standard normal distribution. */
const TWO_SIDED_95 = 1.96;
/** Above this multiple of the saturation by formulas nothing is simulated. */
const SURELY = 1.15;
/** Below it requests never wait for each other, and formulas are enough. */
const SELDOM: PerSecond = 0.05;
/** Below this part of the offered load more arrives than is served. */
const LEAST_SERVED: Fraction = 0.97;
const WARM_UP: Seconds = 2;
/** Of a simulation: a very light load is simulated with fewer requests. */
const LONGEST: Seconds = 3600;

/** Predicts what deployments of a fitted service do on a machine. */
export class CapacityModel {
  readonly fitted: FittedModel;
  readonly machine: PlannedMachine;
  readonly objective: Objective;
  readonly #service: ServiceModel;
  /** Asked for repeatedly while sizes are searched. */
  readonly #capacities = new Map<string, PerSecond>();

  constructor(fitted: FittedModel, machine: PlannedMachine, objective: Objective = fitted.objective) {
    this.fitted = fitted;
    this.machine = machine;
    this.objective = objective;
    this.#service = serviceOn(fitted.service, machine, fitted.cpus);
  }

  /** An open load by formulas, at once. */
  estimate(deployment: Deployment, workload: Workload, { arrivalRate }: OpenLoadAt): Prediction {
    const service = this.#reduced(deployment, workload);
    const { bottleneck, throughput: saturation } = findSaturation(service);
    const open = openLoadAt(service, arrivalRate, this.objective);
    const memory = computeMemory(deployment, this.#service.memory, open?.concurrency ?? 0);
    const base = { by: 'formulas', bottleneck, memory } as const;
    if (open === undefined) return { state: 'unstable', ...base, capacity: saturation };
    const met = this.#isMet(open.responseTime);
    return { state: 'stable', ...base, saturation, throughput: arrivalRate, ...open, met };
  }

  /** An open load by simulation; by formulas where these already see that it cannot be carried. */
  predict(deployment: Deployment, workload: Workload, load: OpenLoadAt, effort: Effort = USUAL_EFFORT): Prediction {
    const estimate = this.estimate(deployment, workload, load);
    const isHopeless = estimate.state === 'unstable' && load.arrivalRate > SURELY * estimate.capacity;
    if (isHopeless || load.arrivalRate < SELDOM) return estimate;
    const outcome = this.simulate(deployment, workload, load, effort);
    const { responseTime, throughput, concurrency, measurements } = outcome;
    const { bottleneck } = estimate;
    const saturation = estimate.state === 'stable' ? estimate.saturation : estimate.capacity;
    const memory = computeMemory(deployment, this.#service.memory, concurrency);
    const base = { by: 'simulation', bottleneck, memory } as const;
    if (!outcome.stable) return { state: 'unstable', ...base, capacity: saturation };
    return {
      ...{ state: 'stable', ...base, saturation: Math.max(saturation, throughput) },
      ...{ throughput, concurrency, responseTime, distribution: outcome.histogram },
      utilisation: averageRecords<Resource>(measurements.map(one => one.utilisation)),
      cpuShare: averageRecords(measurements.map(one => one.cpuShare)),
      met: this.#isMet(responseTime),
    };
  }

  /** The throughput of a closed load by formulas. */
  estimateThroughput(deployment: Deployment, workload: Workload, load: ClosedLoad): PerSecond {
    return closedThroughput(this.#reduced(deployment, workload), load);
  }

  /** The capacity by simulation, with the interval that the fit leaves open. */
  capacityOf(
    deployment: Deployment,
    workload: Workload,
    { requests = 30_000, precision = 0.005, seed = 1 }: Partial<Record<'requests' | 'precision' | 'seed', number>> = {},
  ): PredictedCapacity {
    const { bottleneck, throughput: saturation } = findSaturation(this.#reduced(deployment, workload));
    const guess = this.estimatedCapacity(deployment, workload);
    if (guess === 0) return { estimate: 0, low: 0, high: 0, bottleneck };
    const cell = { deployment, workload: workloadOn(workload, this.machine) };
    const { cpus } = this.machine;
    const estimate = findTrueCapacity(cell, this.#service, this.objective, { cpus, seed, requests, precision, guess });
    const { low, high } = around(estimate, this.spreadOf(deployment, workload));
    // Near the shortest possible response time the interval is very wide; saturation bounds it.
    const most = Math.max(estimate, saturation) * Math.exp(TWO_SIDED_95 * this.fitted.noise);
    return { estimate, low, high: Math.min(high, most), bottleneck };
  }

  /** Whether the objective is met at that load by formulas: the quickest answer. */
  carries(deployment: Deployment, workload: Workload, arrivalRate: PerSecond): boolean {
    return carriesByFormulas(this.#reduced(deployment, workload), arrivalRate, this.objective);
  }

  /** The capacity by formulas. */
  estimatedCapacity(deployment: Deployment, workload: Workload): PerSecond {
    const key = `${workload.name} ${deploymentName(deployment)}`;
    const known = this.#capacities.get(key);
    if (known !== undefined) return known;
    const capacity = capacityByFormulas(this.#reduced(deployment, workload), this.objective);
    this.#capacities.set(key, capacity);
    return capacity;
  }

  /** The factor by which a capacity may be off either way (95 %): the replicates of the fit, and the noise of the machine. */
  spreadOf(deployment: Deployment, workload: Workload): number {
    const logs = this.fitted.replicates.flatMap(replicate => {
      const capacity = capacityByFormulas(this.#reduced(deployment, workload, replicate), this.objective);
      return capacity > 0 ? [Math.log(capacity)] : [];
    });
    const ofFit = logs.length < 2 ? 0 : deviationOf(logs);
    return Math.exp(TWO_SIDED_95 * Math.hypot(ofFit, this.fitted.noise));
  }

  /** Means over several simulations of a load, each with its own seed. */
  simulate(
    deployment: Deployment,
    workload: Workload,
    load: OpenLoadAt | ClosedLoad,
    { requests, replications, seed }: Effort = USUAL_EFFORT,
  ) {
    const { objective } = this;
    const options = { cpus: this.machine.cpus, objective: objective.responseTime };
    const expected = load.model === 'open' ? load.arrivalRate : this.estimateThroughput(deployment, workload, load);
    const phases = {
      warmUp: Math.max(WARM_UP, 4 * objective.responseTime),
      steadyState: Math.min(LONGEST, requests / expected),
      timeLimit: 10 * objective.responseTime,
    };
    const cell = { deployment, workload: workloadOn(workload, this.machine) };
    const measurements = Array.from({ length: replications }, (_, index) => {
      const numbers = { id: `r${index}`, block: 0, position: index, seed: seed + index };
      const trial: Trial = { ...numbers, purpose: 'load', cell, load, phases };
      return requireTold(simulateTrial(trial, this.#service, options).measurement);
    });
    const histogram = merged(
      measurements.map(({ responseTime }) => responseTime),
      objective.responseTime,
    );
    const throughput = mean(measurements.map(one => one.throughput));
    return {
      /** Whether as much was served as arrived. */
      stable: load.model !== 'open' || throughput >= LEAST_SERVED * mean(measurements.map(one => one.offeredLoad)),
      histogram,
      responseTime: {
        mean: meanOf(histogram),
        quantiles: quantilesFrom(q => quantile(histogram, q)),
        atObjective: quantile(histogram, objective.quantile),
        overObjective: histogram.count === 0 ? 0 : countOverObjective(histogram) / histogram.count,
      },
      /** Each simulation's response time at the objective's quantile. */
      atObjective: measurements.map(({ responseTime }) => quantile(responseTime, objective.quantile)),
      throughput,
      concurrency: mean(measurements.map(({ inProgress }) => mean(inProgress.map(({ requests }) => requests)))),
      measurements,
    };
  }

  #reduced(deployment: Deployment, workload: Workload, service = this.fitted.service): ReducedService {
    const { machine } = this;
    const on = service === this.fitted.service ? this.#service : serviceOn(service, machine, this.fitted.cpus);
    return reduceService(deployment, workloadOn(workload, machine), on, machine.cpus);
  }

  #isMet({ overObjective }: ResponseTimes): boolean {
    return overObjective <= 1 - this.objective.quantile + 1e-9;
  }
}

function averageRecords<Name extends string>(records: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const names = Object.keys(records[0] ?? {}) as Name[];
  return Object.fromEntries(names.map(name => [name, mean(records.map(record => record[name]))])) as Record<
    Name,
    number
  >;
}
