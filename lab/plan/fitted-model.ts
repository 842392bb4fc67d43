import type { Objective, Workload } from '../../model/experiment.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Topology } from '../../model/topology.ts';
import type { ServiceModel } from '../simulation/service-model.ts';

/** A service fitted to a run: plain data for files and the page. */
export interface FittedModel {
  readonly schema: 2;
  /** The experiment's name. */
  readonly run: string;
  readonly runtime: string;
  /** Of the measured machine. */
  readonly cpus: number;
  readonly objective: Objective;
  readonly workloads: readonly Workload[];
  /** Those that a plan may choose from. */
  readonly topologies: readonly Topology[];
  readonly service: ServiceModel;
  /** The service fitted to resampled trials: their spread is the uncertainty of the fit. */
  readonly replicates: readonly ServiceModel[];
  /** Standard deviation of ln capacity between starts of the workers. */
  readonly noise: Fraction;
  readonly measured: MeasuredRange;
  /** Errors on measurements that the model had not seen; absent: not scored. */
  readonly score?: ModelScore;
}

/** What the measurements cover. */
export interface MeasuredRange {
  readonly trials: number;
  /** `wait on sync-2x1-2` */
  readonly cells: readonly string[];
  readonly apps: readonly string[];
  readonly routes: readonly string[];
  /** Numbers of workers, by app. */
  readonly workers: Readonly<Partial<Record<string, Range>>>;
  /** Requests a second of one worker, by app. */
  readonly perWorker: Readonly<Partial<Record<string, Range>>>;
  readonly throughput: Range;
  /** Waits in the database, as asked for. */
  readonly wait: Range;
  /** CPU work, as asked for. */
  readonly cpuWork: Range;
  readonly connections: Range;
  /** What no trial shows, in words: it is taken from another machine. */
  readonly assumed: readonly string[];
}

export interface Range {
  readonly least: number | PerSecond | Seconds;
  readonly most: number | PerSecond | Seconds;
}

/** Errors over all figures that were predicted. */
export interface ModelScore {
  /** `held out`: cells that the experiment names. `one by one`: each cell by a model fitted to all others. */
  readonly by: 'held out' | 'one by one';
  readonly figures: readonly FigureScore[];
  readonly fittedTo: readonly string[];
  readonly predicted: readonly string[];
}

/** Errors of one kind of figure, without their sign. */
export interface FigureScore {
  readonly figure: 'capacity' | 'p99' | 'throughput of users';
  readonly predictions: number;
  readonly plain: { readonly median: Fraction; readonly most: Fraction };
  /** Beyond the combined interval of prediction and measurement. */
  readonly beyond: { readonly median: Fraction; readonly most: Fraction };
}

/** Whether the model was fitted to the app that the topology runs. */
export function isMeasured({ measured }: Pick<FittedModel, 'measured'>, { app }: Pick<Topology, 'app'>): boolean {
  return measured.apps.includes(app);
}
