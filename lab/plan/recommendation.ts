import type { Deployment } from '../../model/deployment.ts';
import type { Resource } from '../../model/measurement.ts';
import type { Bytes, Fraction, PerSecond } from '../../model/quantities.ts';
import type { TopologyName } from '../../model/topology.ts';
import type { PredictedCapacity, StablePrediction } from './prediction.ts';
import type { Question } from './question.ts';
import type { ModelScore } from './score.ts';

/** The answer to a question. */
export interface Plan {
  readonly question: Question;
  /** Capacity that all machines together must have. */
  readonly required: PerSecond;
  /** Deployments that meet the objective, best first; one of each topology. */
  readonly recommendations: readonly Recommendation[];
  readonly rejected: readonly Rejection[];
  /** What the one Postgres carries, whatever is before it. */
  readonly database: DatabaseLimit;
  readonly restsOn: RestsOn;
  readonly extrapolations: readonly Extrapolation[];
}

/** The smallest deployment of its topology that meets the objective. */
export interface Recommendation {
  /** On each machine. */
  readonly deployment: Deployment;
  readonly machines: number;
  /** Of one machine, at its share of the planned load. */
  readonly prediction: StablePrediction;
  /** Of one machine. */
  readonly capacity: PredictedCapacity;
  /** How far the capacity lies above what is required: 0.1 is a tenth. */
  readonly margin: Fraction;
  /** The fraction of the capacity by which the model may be off: a smaller margin is no margin. */
  readonly error: Fraction;
  /** What gives out when the load grows. */
  readonly next: Resource;
  /** Of all machines: workers, nginx and Postgres; without the generator. */
  readonly memory: Bytes;
  /** Of everything on the fullest machine of the service, the generator among it where it is there. */
  readonly memoryOfOne: Bytes;
  readonly databaseConnections: number;
  readonly cost?: number;
}

/** What was not chosen, and why. */
export interface Rejection {
  readonly topology: TopologyName;
  readonly kind: 'not-measured' | 'not-simulated' | 'too-small' | 'no-memory' | 'no-room' | 'too-far';
  /** The one that carries most of those that were thought of. */
  readonly deployment?: Deployment;
  /** What would do, were there the memory for it. */
  readonly needs?: Deployment;
  readonly capacity?: PerSecond;
  /** `gives out at 620/s: its one event loop is used up` */
  readonly reason: string;
}

/** The load at which the one Postgres gives out. */
export interface DatabaseLimit {
  /** By the CPUs of its machine; infinite where requests ask nothing of it. */
  readonly byCpu: PerSecond;
  /** By its connections; infinite where nobody limits them, or requests hold none. */
  readonly byConnections: PerSecond;
}

/** The measurements that an answer rests on. */
export interface RestsOn {
  readonly run: string;
  readonly runtime: string;
  readonly trials: number;
  readonly cells: readonly string[];
  /** What of the model no trial shows: it is as on another machine. */
  readonly assumed: readonly string[];
  readonly score?: ModelScore;
}

/** Something that is asked beyond what was measured. */
export interface Extrapolation {
  readonly quantity: 'cpus' | 'workers' | 'load of a worker' | 'database wait' | 'CPU work' | 'topology';
  readonly asked: number | string;
  readonly measured: { readonly least: number; readonly most: number } | readonly string[];
  /** Times the nearest that was measured, 2 for twice or half; 1: it is within. */
  readonly factor: number;
  /** Further than the model is trusted. */
  readonly tooFar: boolean;
}
