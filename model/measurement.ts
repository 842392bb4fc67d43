import { type LimitedContainer, limitedContainers } from './deployment.ts';
import type { Trial } from './experiment.ts';
import type { Histogram } from './histogram.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from './quantities.ts';
import type { BurstResponse, ErrorKind, InProgress } from './wire.ts';

/** What uses CPU and memory. */
export const components = ['nginx', 'workers', 'postgres', 'k6'] as const;
export type Component = (typeof components)[number];

/**
 * What can run out. `cpu`: all CPUs of the machine; `workers`: their threads, busy when they compute or are blocked;
 * `nginx`: its processes, each of which can keep one CPU busy.
 */
export const resources = ['cpu', 'workers', 'database-connections', 'nginx'] as const;
export type Resource = (typeof resources)[number];

/** The CPU time that an experiment leaves to a container: `workers-cpus`. */
export type ContainerCpus = `${LimitedContainer}-cpus`;
export const containerCpus = limitedContainers.map((container): ContainerCpus => `${container}-cpus`);
/** Everything that can run out. */
export type LimitedResource = Resource | ContainerCpus;

/** How a resource is called: on its own, in a narrow column, and as a part of a sentence. */
interface ResourceName {
  readonly name: string;
  readonly short: string;
  readonly phrase: string;
}

const alike = (name: string): ResourceName => ({ name, short: name, phrase: name });

/** How each resource is called, everywhere. */
export const resourceNames: Readonly<Record<LimitedResource, ResourceName>> = {
  cpu: { name: 'CPUs', short: 'CPUs', phrase: 'the CPUs' },
  workers: { name: 'workers', short: 'workers', phrase: 'the workers' },
  'database-connections': {
    name: 'database connections',
    short: 'connections',
    phrase: 'the database connections',
  },
  nginx: alike('nginx'),
  'workers-cpus': alike("the workers' CPU limit"),
  'nginx-cpus': alike("nginx's CPU limit"),
  'postgres-cpus': alike("Postgres's CPU limit"),
};

/** What a worker counted over the steady state. */
export interface WorkerActivity {
  /** As in `x-worker`. */
  readonly name: string;
  readonly completed: number;
  /** Seconds in which its thread was not waiting for events: computing, or blocked in a call. */
  readonly busy: Seconds;
  /** Seconds of waiting for the database, summed over requests. */
  readonly databaseWait: Seconds;
  /** Seconds of connections being in use, summed over connections. */
  readonly connectionsHeld: Seconds;
  /** Seconds of waiting until a connection was free, summed over requests. */
  readonly connectionWait: Seconds;
  /** Requests that it held, as its control thread saw it several times a second; those in its socket are not among them. */
  readonly inProgress: { readonly mean: number; readonly most: number };
}

/** What both ends counted over the whole load with its drain, each for itself. */
export interface Completions {
  /** By k6. */
  readonly sent: number;
  /** Successful responses, by k6. */
  readonly succeeded: number;
  /** Responses that were handed over whole, by the workers; absent: they do not tell. */
  readonly byWorkers?: number;
}

/** What a deployment did while another one was measured. */
export interface OtherDeployment {
  /** As in `deploymentName`. */
  readonly name: string;
  /** Requests over the whole load with its drain; absent: it does not tell. */
  readonly completed?: number;
  /** Requests at its end; absent: it does not tell. */
  readonly inProgress?: number;
  /** CPUs that its processes kept busy: 0.05 is a twentieth of one. */
  readonly cpus: number;
}

/** What one trial measured; over the steady state where nothing else is said. */
export interface Measurement {
  /** Scored arrivals per second. */
  readonly offeredLoad: PerSecond;
  /** Successful completions per second. */
  readonly throughput: PerSecond;
  /** Scored arrivals. */
  readonly scored: number;
  /** Seconds between the snapshots that counters, CPU times and utilisations come from. */
  readonly observed: Seconds;
  /** Arrivals of the whole load that were due and never sent. */
  readonly neverSent: number;
  /** Those of them for which the generator had no connection left; absent: nobody counted them. */
  readonly outOfConnections?: number;
  readonly neverAnswered: number;
  /** Over the whole trial with its drain. */
  readonly inProgress: readonly InProgress[];
  /** Sum over all requests of the seconds from send to end, over the same time; absent: nobody added them up. */
  readonly timeInProgress?: Seconds;
  readonly stoppedEarly: boolean;
  /** Whether it stopped because the lab did not answer the generator any more. */
  readonly controlLost: boolean;
  readonly responseTime: Histogram;
  readonly responseTimeFromSend: Histogram;
  readonly scheduleLag: Histogram;
  /** Runs that were recorded before `status-504` was a kind of its own counted it as `status-5xx`. */
  readonly errors: Omit<Record<ErrorKind, number>, 'status-504'> & { readonly 'status-504'?: number };
  /** CPU seconds per completed request. */
  readonly serviceDemand: Record<Component, Seconds>;
  /** Of the CPU time of a container that its deployment limits: what it used of the limit. */
  readonly utilisation: Readonly<Record<'cpu' | 'nginx', Fraction> & Partial<Record<LimitedResource, Fraction>>>;
  /** Of all CPUs of the machine, over the same time as `utilisation.cpu`: what is left of that is other programs'. */
  readonly cpuShare: Record<Component, Fraction>;
  /** At the end of the steady state: proportional set size of processes, or what containers hold less the files that can go. */
  readonly memory: Record<Component, Bytes>;
  /** Absent: the deployment does not tell. */
  readonly workers?: readonly WorkerActivity[];
  readonly completions: Completions;
  /** The deployments that were up as well. */
  readonly others: readonly OtherDeployment[];
  /** Fraction of the machine's CPU time that a hypervisor took away. */
  readonly steal: Fraction;
  /** Fraction of the time in which a limit of its cgroup held the stack up; `null` where it cannot be read. */
  readonly throttled: Fraction | null;
  /** The same of each component that was held up; absent: none was. */
  readonly throttledBy?: Partial<Record<Component, Fraction>>;
  /** Postgres's backends at a statement of the deployment, at several moments: their mean and most; `null` where it was not read. */
  readonly activeBackends: { readonly mean: number; readonly most: number } | null;
  /**
   * Only of a hidden deployment: its database connections at a statement or in a transaction, at the same moments; `null`
   * where it was not read. Workers that tell have counted theirs in `connectionsHeld`.
   */
  readonly connectionsInUse?: { readonly mean: number; readonly most: number } | null;
  /** Of the workers' threads, per completed request; `null` where they cannot be read; absent: the deployment is hidden. */
  readonly contextSwitches?: { readonly voluntary: number; readonly involuntary: number } | null;
  /**
   * Only of a simulation: how long after its begin a load was answered as in its steady state, as its response times
   * show; `null`: it never was. The steady state that is scored is the planned one all the same.
   */
  readonly steadyFrom?: Seconds | null;
  /** Only of a burst: every response, in the order in which they came. */
  readonly responses?: readonly BurstResponse[];
}

/** A measurement of a deployment that tells what its workers did. */
export type ToldMeasurement = Measurement & {
  readonly workers: readonly WorkerActivity[];
  readonly completions: Required<Completions>;
  readonly utilisation: Readonly<Record<Resource, Fraction>>;
};

export function isTold(measurement: Measurement): measurement is ToldMeasurement {
  return measurement.workers !== undefined;
}

/** The same measurement, where only told deployments are measured. */
export function requireTold(measurement: Measurement): ToldMeasurement {
  if (!isTold(measurement)) throw new RangeError('a hidden deployment was measured where its workers must tell');
  return measurement;
}

/** Why a trial is invalid: its response times are not the deployment's. */
export type InvalidReason =
  | { readonly kind: 'never-sent'; readonly arrivals: number }
  /** The generator had no port or file left for so many arrivals. */
  | { readonly kind: 'out-of-connections'; readonly arrivals: number }
  | { readonly kind: 'schedule-lag'; readonly p99: Seconds; readonly limit: Seconds }
  /** The generator used `share` of all CPUs. */
  | { readonly kind: 'generator-cpu'; readonly share: Fraction; readonly limit: Fraction }
  /** Seconds in progress: over time, as it was sampled, and over requests, as each of them took. Little: they are one. */
  | { readonly kind: 'littles-law'; readonly overTime: Seconds; readonly overRequests: Seconds }
  | { readonly kind: 'control-lost' }
  | ({ readonly kind: 'completions-differ' } & Required<Completions>)
  | ({ readonly kind: 'other-deployment-at-work' } & OtherDeployment)
  /** By a hypervisor, which took `steal`, or by `others`: programs that are none of the components. */
  | { readonly kind: 'machine-disturbed'; readonly steal: Fraction; readonly others: Fraction };

interface Run {
  readonly trial: Trial;
  /** Seconds that the trial took in all, from its first preparation to the end of its drain: what it used of the budget. */
  readonly elapsed: Seconds;
}

/** What became of a trial. */
export type TrialResult =
  | (Run & { readonly state: 'completed'; readonly measurement: Measurement })
  | (Run & { readonly state: 'invalid'; readonly measurement: Measurement; readonly reason: InvalidReason })
  | (Run & { readonly state: 'failed'; readonly error: { readonly code: string; readonly message: string } });
