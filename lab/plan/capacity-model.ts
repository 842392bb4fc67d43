import { type Deployment, deploymentName, refusalOf } from '../../model/deployment.ts';
import type { Load, Objective, Workload } from '../../model/experiment.ts';
import type { Resource } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { around, deviationOf, mean } from '../../model/statistics.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { memoryOf } from '../simulation/service-model.ts';
import { trueCapacityOf } from '../simulation/true-capacity.ts';
import { closedLoadAt } from './closed-load.ts';
import type { FittedModel } from './fitted-model.ts';
import { capacityByFormulas, carriesByFormulas, openLoadAt, saturationOf, utilisationsAt } from './formulas.ts';
import { type PlannedMachine, serviceOn, workloadOn } from './planned-machine.ts';
import { type PredictedCapacity, type Prediction, type ResponseTimes, toldTimes } from './prediction.ts';
import { type ReducedService, reduceService } from './reduced-service.ts';
import { type SimulatedOutcome, simulated } from './simulated.ts';

/** A load that can go on for ever: a burst has no steady state, and is simulated as a trial. */
export type SteadyLoad = Exclude<Load, { model: 'burst' }>;

/** How long is simulated before an answer is given. */
export interface Effort {
  readonly requests: number;
  readonly replications: number;
  readonly seed: number;
}

/** Enough for a decision, within a tenth of a second. */
export const USUAL_EFFORT: Effort = { requests: 12_000, replications: 4, seed: 1 };

/** A service on a machine, and what it would do: fitted to measurements. */
export class CapacityModel {
  readonly fitted: FittedModel;
  readonly machine: PlannedMachine;
  readonly objective: Objective;
  readonly #service: ServiceModel;
  /** Asked for again and again while sizes are looked for. */
  readonly #capacities = new Map<string, PerSecond>();

  /** The objective is the run's own unless another one is asked. */
  constructor(fitted: FittedModel, machine: PlannedMachine, objective: Objective = fitted.objective) {
    this.fitted = fitted;
    this.machine = machine;
    this.objective = objective;
    this.#service = serviceOn(fitted.service, machine, fitted.cpus);
  }

  /** What formulas say at once. Refuses a deployment that cannot be, and a load that is none. */
  estimate(deployment: Deployment, workload: Workload, load: SteadyLoad): Prediction {
    requirePossible(deployment, load);
    const service = this.#reduced(deployment, workload);
    const { bottleneck, throughput: saturation } = saturationOf(service);
    const memory = (inProgress: number) => memoryOf(deployment, this.#service.memory, inProgress);
    const base = { by: 'formulas', bottleneck } as const;
    if (load.model === 'open') {
      const open = openLoadAt(service, load.arrivalRate, this.objective);
      if (open === undefined) return { state: 'unstable', ...base, capacity: saturation, memory: memory(0) };
      const { responseTime, concurrency, utilisation, cpuShare } = open;
      return {
        ...{ state: 'stable', ...base, saturation, throughput: load.arrivalRate },
        ...{ responseTime, concurrency, utilisation, cpuShare, memory: memory(concurrency) },
        met: this.#isMet(responseTime),
      };
    }
    const { throughput, responseTime: meanTime } = closedLoadAt(service, load);
    const responseTime = exponentialTimes(meanTime, this.objective);
    const demand = service.demandAt(throughput);
    const utilisation = utilisationsAt(service, Math.min(throughput, saturation));
    return {
      ...{ state: 'stable', ...base, saturation, throughput, responseTime, utilisation },
      concurrency: throughput * meanTime,
      cpuShare: eachOf(demand, seconds => (seconds * throughput) / service.cpus),
      memory: memory(throughput * meanTime),
      met: this.#isMet(responseTime),
    };
  }

  /** What the simulation says; formulas alone where these already see that it cannot be carried. */
  predict(deployment: Deployment, workload: Workload, load: SteadyLoad, effort: Effort = USUAL_EFFORT): Prediction {
    const estimate = this.estimate(deployment, workload, load);
    if (load.model === 'open' && estimate.state === 'unstable' && load.arrivalRate > SURELY * estimate.capacity) {
      return estimate;
    }
    // So seldom that requests do not meet: there is nothing to be simulated.
    if (load.model === 'open' && load.arrivalRate < SELDOM) return estimate;
    const outcome = this.simulate(deployment, workload, load, effort);
    const { bottleneck } = estimate;
    const saturation = estimate.state === 'stable' ? estimate.saturation : estimate.capacity;
    const [first] = outcome.measurements;
    const memory = memoryOf(deployment, this.#service.memory, outcome.concurrency);
    const base = { by: 'simulation', bottleneck, memory } as const;
    if (!outcome.stable || first === undefined) return { state: 'unstable', ...base, capacity: saturation };
    const means = <Name extends string>(of: (index: number) => Readonly<Record<Name, number>> | undefined) =>
      eachOf(of(0) ?? ({} as Record<Name, number>), (_, name) =>
        mean(outcome.measurements.map((_measurement, index) => of(index)?.[name] ?? 0)),
      );
    return {
      ...{ state: 'stable', ...base, saturation: Math.max(saturation, outcome.throughput) },
      ...{ throughput: outcome.throughput, concurrency: outcome.concurrency, responseTime: outcome.responseTime },
      distribution: outcome.histogram,
      utilisation: means<Resource>(index => outcome.measurements[index]?.utilisation),
      cpuShare: means(index => outcome.measurements[index]?.cpuShare),
      met: this.#isMet(outcome.responseTime),
    };
  }

  /** The highest load at which the objective is met, by the simulation, with the interval that the fit leaves open. */
  capacityOf(deployment: Deployment, workload: Workload, effort: CapacityEffort = {}): PredictedCapacity {
    requirePossible(deployment);
    const { bottleneck, throughput: saturation } = saturationOf(this.#reduced(deployment, workload));
    const guess = this.estimatedCapacity(deployment, workload);
    if (guess === 0) return { estimate: 0, low: 0, high: 0, bottleneck };
    const { requests = 30_000, precision = 0.005, seed = 1 } = effort;
    const cell = { deployment, workload: workloadOn(workload, this.machine) };
    const { cpus } = this.machine;
    const estimate = trueCapacityOf(cell, this.#service, this.objective, { cpus, seed, requests, precision, guess });
    const spread = this.spreadOf(deployment, workload);
    const { low, high } = around(estimate, spread);
    // Where the objective lies at the floor of the response time anything moves the capacity, but never beyond saturation.
    // Saturation is by formulas, which may lie below what is simulated.
    const most = Math.max(estimate, saturation) * Math.exp(TWO_SIDED_95 * this.fitted.noise);
    return { estimate, low, high: Math.min(high, most), bottleneck };
  }

  /** Whether formulas say that the objective is met at that load: of all that is asked, this is answered quickest. */
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

  /** The factor by which a capacity may be off either way (95 %): how far the replicates of the fit differ, and the noise of the machine. */
  spreadOf(deployment: Deployment, workload: Workload): number {
    const logs = this.fitted.replicates.flatMap(replicate => {
      const capacity = capacityByFormulas(this.#reduced(deployment, workload, replicate), this.objective);
      return capacity > 0 ? [Math.log(capacity)] : [];
    });
    const ofFit = logs.length < 2 ? 0 : deviationOf(logs);
    return Math.exp(TWO_SIDED_95 * Math.hypot(ofFit, this.fitted.noise));
  }

  /** Raw replications of a load. */
  simulate(
    deployment: Deployment,
    workload: Workload,
    load: SteadyLoad,
    effort: Effort = USUAL_EFFORT,
  ): SimulatedOutcome {
    const { cpus } = this.machine;
    return simulated({
      ...{ deployment, load, cpus, model: this.#service, objective: this.objective },
      workload: workloadOn(workload, this.machine),
      throughput:
        load.model === 'open' ? load.arrivalRate : closedLoadAt(this.#reduced(deployment, workload), load).throughput,
      ...effort,
    });
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

export interface CapacityEffort {
  readonly requests?: number;
  readonly precision?: Fraction;
  readonly seed?: number;
}

/** The standard normal distribution's 97.5 % quantile. */
const TWO_SIDED_95 = 1.96;

/** Times the saturation by formulas: above it nothing has to be simulated. */
const SURELY = 1.15;
const SELDOM: PerSecond = 0.05;

function requirePossible(deployment: Deployment, load?: SteadyLoad): void {
  const refusal = refusalOf(deployment);
  if (refusal !== undefined) throw new RangeError(refusal);
  if (load?.model === 'open' && !(load.arrivalRate > 0 && load.arrivalRate < Infinity)) {
    throw new RangeError(`an arrival rate is a number above 0: ${load.arrivalRate}`);
  }
  if (load?.model === 'closed' && !(Number.isSafeInteger(load.users) && load.users > 0 && load.thinkTime >= 0)) {
    throw new RangeError(`a closed load has users, and a think time of 0 or more: ${load.users}, ${load.thinkTime}`);
  }
}

/** Where only the mean is known: as if exponential. */
function exponentialTimes(meanTime: Seconds, { quantile, responseTime }: Objective): ResponseTimes {
  const at = (q: Fraction) => -meanTime * Math.log(1 - q);
  return {
    mean: meanTime,
    quantiles: toldTimes(at),
    atObjective: at(quantile),
    overObjective: Math.exp(-responseTime / meanTime),
  };
}

function eachOf<Name extends string>(
  record: Readonly<Record<Name, number>>,
  of: (value: number, name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(
    Object.entries<number>(record).map(([name, value]) => [name, of(value, name as Name)]),
  ) as Record<Name, number>;
}
