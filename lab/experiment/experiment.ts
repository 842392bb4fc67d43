import type { RequestParameters, RouteName } from '../../services/contract.ts';
import type { Deployment } from '../../services/deployment.ts';
import type { Fraction, PerSecond, Seconds } from './units.ts';

/** What is asked of the service: requests, drawn at random by their weights. */
export interface Workload {
  readonly name: string;
  readonly requests: readonly WorkloadRequest[];
}

export interface WorkloadRequest {
  readonly weight: number;
  readonly route: RouteName;
  /** `{ ms: 20 }`; for `cpu` and `work` also `cpuSeconds`, which the lab turns into units on the machine it runs on. */
  readonly parameters: RequestParameters;
}

/** What must hold for a load to count as carried. */
export interface Objective {
  /** Of the response times, e.g. 0.99. */
  readonly quantile: Fraction;
  readonly responseTime: Seconds;
  readonly errorFraction: Fraction;
}

export interface Phases {
  readonly warmUp: Seconds;
  readonly steadyState: Seconds;
  /** How long an answer is waited for: after it a request is over the objective and given up. */
  readonly timeLimit: Seconds;
}

export type Load =
  | { readonly model: 'open'; readonly arrivalRate: PerSecond }
  | { readonly model: 'closed'; readonly users: number; readonly thinkTime: Seconds }
  | { readonly model: 'burst'; readonly requests: number };

/** A deployment with a workload: what a capacity belongs to. */
export interface Cell {
  readonly deployment: Deployment;
  readonly workload: Workload;
}

/** One measurement to make. */
export interface Trial {
  /** `b2-p3`: block and position. */
  readonly id: string;
  /** `light`: a short look at the service time; it never decides a capacity. */
  readonly purpose: 'light' | 'capacity';
  readonly cell: Cell;
  readonly load: Load;
  readonly phases: Phases;
  readonly seed: number;
  readonly block: number;
  readonly position: number;
}

/** Everything that a comparison is asked to do; what depends on it and on results only can be made again from the file. */
export interface Experiment {
  readonly name: string;
  readonly seed: number;
  /** CPUs of the machine that it is for: the defaults of its deployments come from them. */
  readonly cpus: number;
  readonly objective: Objective;
  readonly cells: readonly Cell[];
  /** Seconds for all trials together. */
  readonly budget: Seconds;
}
