/**
 * What the programs of a stack tell each other in JSON. A source of a load posts a `SourceReport` to the orders address
 * several times a second and gets its `Orders` back; its last report carries its `SourceOutcome`. A control thread
 * answers `GET /counters` with `ProcessCounters`, and `GET /resources` with `ProcessResources`.
 */
import type { Histogram } from './histogram.ts';
import type { Bytes, Seconds } from './quantities.ts';

/** One request that a load may send, ready for the wire. */
export interface WeightedRequest {
  readonly weight: number;
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** JSON text of a POST. */
  readonly body?: string;
}

/** What a source is told. */
export interface Orders {
  /** Send no more, wait for what is in progress, and end. */
  readonly stop: boolean;
}

/** Why a request failed. `status-503` is the service's own "not now", `status-504` a limit of nginx. */
export const errorKinds = ['timeout', 'connection', 'status-4xx', 'status-503', 'status-504', 'status-5xx'] as const;
export type ErrorKind = (typeof errorKinds)[number];

export type StopCause = 'order' | 'silence';

/** Requests in progress at a moment. */
export interface InProgress {
  /** Seconds since the load began. */
  readonly time: number;
  readonly requests: number;
}

/** What a source tells while it runs. */
export interface SourceReport {
  readonly source: number;
  /** Seconds since the source began. */
  readonly time: number;
  /** Requests sent since it began. */
  readonly sent: number;
  /** Responses received (of any kind, or given up) since it began. */
  readonly completed: number;
  readonly inProgress: number;
  /** Scored arrivals that are over the objective's time by now: answered later than it, failed, or waiting for longer. */
  readonly overObjective: number;
  /** Scored arrivals that failed. */
  readonly failed: number;
  /** Only in the last report. */
  readonly outcome?: SourceOutcome;
}

/** All that a source measured. Only arrivals whose intended send lies in the steady state are scored. */
export interface SourceOutcome {
  readonly source: number;
  /** Scored arrivals that were due, sent or not. */
  readonly scored: number;
  /** Arrivals of the whole load that were due and never sent. */
  readonly neverSent: number;
  /** Those of them for which the generator had no connection left. */
  readonly outOfConnections: number;
  /** Scored arrivals that were sent and not answered within the time limit. */
  readonly neverAnswered: number;
  /** Scored arrivals that failed, by kind; `timeout` counts those never answered. */
  readonly errors: Record<ErrorKind, number>;
  /** Seconds of steady state that there were: fewer than planned when the load was stopped early. */
  readonly steadyState: number;
  /** Successful responses that arrived during the steady state, whenever they were sent. */
  readonly completedInSteadyState: number;
  /** From the intended send to the last byte; what was never answered counts as the time limit. */
  readonly responseTime: Histogram;
  /** From the real send to the last byte. */
  readonly responseTimeFromSend: Histogram;
  /** What the generator itself adds: from the intended to the real send, and from the last byte until it is told. */
  readonly scheduleLag: Histogram;
  /** Over the whole load with its drain, sampled at least four times a second. */
  readonly inProgress: readonly InProgress[];
  /** Requests sent over the whole load. */
  readonly sent: number;
  /** Successful responses over the whole load. */
  readonly succeeded: number;
  /** Sum over all requests that have ended of the seconds from send to end. */
  readonly timeInProgress: number;
  /** Mean of the requests in progress over `duration`, by how long each number of them lasted: without a sample's error. */
  readonly meanInProgress: number;
  /** Seconds from the first intended send to the end of the drain. */
  readonly duration: number;
  /** Who stopped the load before its end: an order, or that no orders came any more. */
  readonly stoppedBy?: StopCause;
  /** Only of a burst: every response, in the order in which they came. */
  readonly responses?: readonly BurstResponse[];
}

/** One response of a burst. */
export interface BurstResponse {
  /** Which request it answers, in the order of sending, from 1. */
  readonly request: number;
  /** Seconds. */
  readonly responseTime: number;
}

/**
 * What a live load is told: the same load for each of its targets, until it is told otherwise. `stop` sends nothing
 * and asks on.
 */
export interface LiveOrders extends Orders {
  /** Of these orders; a load says which it obeys. */
  readonly number: number;
  readonly targets: readonly LiveTarget[];
  /** Arrivals per second at each target; 0: none. */
  readonly arrivalRate: number;
  /** What to send. */
  readonly requests: readonly WeightedRequest[];
  /** Users of a closed load at each target; 0: none. */
  readonly users: number;
  /** Mean of the users' exponential think times, in seconds. */
  readonly thinkTime: number;
  /** Seconds after which an answer is no longer waited for. */
  readonly timeLimit: number;
  /** Edge of the histograms, in seconds. */
  readonly objective: number;
  /** Of so many requests to a target one is told by itself, as a dot. */
  readonly requestsPerDot: number;
  /**
   * What was asked for lately, and no earlier start of the generator was told. Each is sent once, by its number: a load
   * sends none whose number is not above all that it has seen. Together with a stop they are not sent, then or later.
   */
  readonly bursts: readonly LiveBurst[];
}

/** A deployment that a live load is sent to. */
export interface LiveTarget {
  readonly name: string;
  /** Base URL, without a slash at its end. */
  readonly url: string;
}

/** Requests that are sent to one target at the same instant. */
export interface LiveBurst {
  /** From 1, and never used again. */
  readonly number: number;
  readonly target: string;
  readonly requests: number;
  /** What to send; absent: drawn as all others are. */
  readonly request?: WeightedRequest;
}

/** The header by which a dot's request is known in nginx's log; its value is the dot's number. */
export const DOT_HEADER = 'X-Loadline-Dot';

/** What a live load tells, several times a second. What was not answered is told again under the same number. */
export interface LiveReport extends Omit<SourceReport, 'outcome'> {
  /** From 1, of this start of the generator. */
  readonly number: number;
  /** When the generator started, in seconds since 1970: with another one all counts begin anew. */
  readonly started: number;
  /** The number of the orders that it obeys; 0: none yet. */
  readonly obeys: number;
  readonly targets: readonly LiveTargetReport[];
}

/** One target's part of a report. Counts are since the generator started and never go back; the rest is since the report before. */
export interface LiveTargetReport {
  readonly name: string;
  readonly sent: number;
  readonly completed: number;
  /** Of those that completed. */
  readonly failed: number;
  /**
   * Due, and not sent: the generator itself was the limit. What was told as sent and then found no connection counts
   * here, and as completed and failed, too.
   */
  readonly neverSent: number;
  readonly inProgress: number;
  /** From the intended send, of all that completed; what was never answered counts as the time limit. */
  readonly responseTime: Histogram;
  /** What the generator itself adds, of all that completed: as in `SourceOutcome`. */
  readonly scheduleLag?: Histogram;
  /** Dots that were sent: number, and when in seconds since 1970. */
  readonly dots: readonly (readonly [dot: number, sentAt: number])[];
  /** Dots whose requests have ended: number, when in seconds since 1970, and why when it failed. */
  readonly endedDots: readonly (readonly [dot: number, endedAt: number, error?: ErrorKind])[];
}

/** How the system knows a control thread beside a main thread that serves; Linux takes 15 characters at most. */
export const CONTROL_THREAD = 'ControlThread';

/** What a control thread tells of its process. */
export interface ProcessCounters {
  readonly pid: number;
  readonly ready: boolean;
  readonly database: DatabaseState;
  readonly workers: readonly WorkerCounters[];
  /** When the process started; absent where its container has no memory limit. */
  readonly memoryKills?: MemoryKills;
}

/** `suspect`: the next health check decides. `full`: it answers, but has as many connections as it allows. */
export const databaseStates = ['suspect', 'ok', 'away', 'full'] as const;
export type DatabaseState = (typeof databaseStates)[number];

/** What a worker has counted since it started. */
export interface WorkerCounters {
  /** As in `x-worker`. */
  readonly name: string;
  readonly port: number;
  /** Requests that it holds now; those that wait in its socket are not among them. */
  readonly inProgress: number;
  readonly completed: number;
  /** Seconds in which its thread was not waiting for events: computing, or blocked in a call. */
  readonly busy: Seconds;
  /** Seconds of waiting for the database, summed over requests. */
  readonly databaseWait: Seconds;
  /** Connections in use now. */
  readonly connectionsInUse: number;
  /** Connections open now. */
  readonly connectionsOpen: number;
  /** Seconds of connections being in use, summed over connections. */
  readonly connectionsHeld: Seconds;
  /** Seconds of waiting until a connection was free, summed over requests. */
  readonly connectionWait: Seconds;
  /** The most connections that it may open. */
  readonly databaseConnections: number;
}

/** Processes of a container that the kernel has killed because the container reached its memory limit. */
export interface MemoryKills {
  readonly count: number;
  readonly limit: Bytes;
}

/** What a process has used since it started, and holds now. */
export interface ProcessResources {
  readonly pid: number;
  /** CPU time of all its threads. */
  readonly cpu: Seconds;
  /** Its proportional set size where the system tells it, otherwise its resident set size. */
  readonly memory: Bytes;
}

/** Whether a control thread's answer holds counters. */
export function isProcessCounters(answer: unknown): answer is ProcessCounters {
  if (!hasNumbers(answer, ['pid'])) return false;
  const { ready, database, workers, memoryKills } = answer;
  return (
    typeof ready === 'boolean' &&
    databaseStates.some(state => state === database) &&
    Array.isArray(workers) &&
    workers.every(isWorkerCounters) &&
    (memoryKills === undefined || hasNumbers(memoryKills, ['count', 'limit']))
  );
}

/** Whether a control thread's answer holds resources. */
export function isProcessResources(answer: unknown): answer is ProcessResources {
  return hasNumbers(answer, ['pid', 'cpu', 'memory'] satisfies (keyof ProcessResources)[]);
}

const workerNumbers = [
  'port',
  'inProgress',
  'completed',
  'busy',
  'databaseWait',
  'connectionsInUse',
  'connectionsOpen',
  'connectionsHeld',
  'connectionWait',
  'databaseConnections',
] as const satisfies readonly Exclude<keyof WorkerCounters, 'name'>[];

function isWorkerCounters(value: unknown): value is WorkerCounters {
  return hasNumbers(value, workerNumbers) && typeof value.name === 'string';
}

function hasNumbers(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return names.every(name => typeof fields[name] === 'number');
}
