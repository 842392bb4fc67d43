import type { Deployment } from '../../model/deployment.ts';
import type { Cell, Experiment, Objective, Trial } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';

/** A way to run deployments: on this machine, in containers, simulated. */
export interface Runtime {
  readonly name: 'local' | 'compose' | 'simulated';
  /** CPUs of the machine that deployments run on, as far as they may use them. */
  readonly availableCpus: number;
  /** CPUs that the containers of deployments can be limited to; absent: there are no containers. */
  readonly containerCpus?: number;
  /**
   * Deploys everything and returns when every worker is ready; what was started is stopped again when it fails. A
   * simulated machine takes its noise and its seed from the experiment; without one it has no noise.
   */
  start(deployments: readonly Deployment[], signal: AbortSignal, experiment?: Experiment): Promise<Stack>;
}

/** What is deployed; only a stack can be measured or stopped. */
export interface Stack extends AsyncDisposable {
  /** Where each deployment answers, through nginx. */
  readonly endpoints: readonly Endpoint[];
  /** Seconds on the clock that a budget is counted by; it goes on from one stack of a runtime to the next. */
  now(): Seconds;
  /** Versions, machine and settings: what is needed to repeat the measurements. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Makes the workers of a cell's deployment warm: afterwards their CPU per request has settled. */
  warmUp(cell: Cell, signal: AbortSignal): Promise<void>;
  /**
   * Told which trials will probably be measured next, in this order and with this objective, so that a simulation can
   * compute them side by side; what they measure does not depend on it.
   */
  expect?(trials: readonly Trial[], objective: Objective): void;
  /** Drives a load at the trial's deployment and returns when the system has drained. */
  measure(trial: Trial, options: MeasureOptions): Promise<Measurement>;
  stop(): Promise<void>;
}

export interface Endpoint {
  readonly deployment: Deployment;
  /** `http://127.0.0.1:8085` */
  readonly url: string;
  readonly workers: number;
}

export interface MeasureOptions {
  readonly signal: AbortSignal;
  /** The objective's response time: one edge of the histograms lies there. */
  readonly objective: Seconds;
  /** The 90 % quantile of a hidden deployment's response time at light load; absent: this trial finds it out. */
  readonly lightResponseTime?: Seconds;
  /** Called a few times a second; the load stops when it answers `'stop'`. */
  readonly onProgress: (progress: TrialProgress) => 'go-on' | 'stop';
}

/** What is known of a trial while it runs. */
export interface TrialProgress {
  readonly time: Seconds;
  readonly sent: number;
  readonly inProgress: number;
  /** Scored arrivals that are over the objective's time by now. */
  readonly overObjective: number;
  readonly failed: number;
}
