import type { Objective, Workload } from '../../model/experiment.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Topology } from '../../model/topology.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import type { Growth } from './fit-growth.ts';
import type { ModelScore } from './score.ts';

/** What was fitted to a run: plain data, that can be kept in a file and be sent to a page. */
export interface FittedModel {
  readonly schema: 2;
  /** The experiment's name. */
  readonly run: string;
  readonly runtime: string;
  /** Of the machine that was measured. */
  readonly cpus: number;
  readonly objective: Objective;
  readonly workloads: readonly Workload[];
  /** Those that a plan may choose from. */
  readonly topologies: readonly Topology[];
  readonly service: ServiceModel;
  /** The same fitted to trials that were drawn anew: how far they differ is how well it is known. */
  readonly replicates: readonly ServiceModel[];
  /** Standard deviation of ln capacity from one start of the workers to the next. */
  readonly noise: Fraction;
  /** How demand grows with workers, by app. */
  readonly growths: readonly Growth[];
  readonly measured: MeasuredRange;
  /** How far it was off where it was held against measurements that it had not seen; absent: it was not. */
  readonly score?: ModelScore;
}

/** What the measurements cover. */
export interface MeasuredRange {
  readonly trials: number;
  /** `wait on sync-2x1-2` */
  readonly cells: readonly string[];
  readonly apps: readonly string[];
  /** Of the service. */
  readonly routes: readonly string[];
  /** By app: the fewest and most workers. */
  readonly workers: Readonly<Partial<Record<string, Range>>>;
  /** Requests a second of one worker, by app. */
  readonly perWorker: Readonly<Partial<Record<string, Range>>>;
  readonly throughput: Range;
  /** Waits in the database that requests asked for. */
  readonly wait: Range;
  /** CPU work that requests asked for. */
  readonly cpuWork: Range;
  readonly connections: Range;
  /** What of the service no trial shows, in words: it is as on another machine. */
  readonly assumed: readonly string[];
}

export interface Range {
  readonly least: number | PerSecond | Seconds;
  readonly most: number | PerSecond | Seconds;
}
