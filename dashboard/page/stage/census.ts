import { counted, shownCount } from '../../../model/quantities.ts';
import type { DeploymentId, WorkerState } from '../../protocol.ts';
import type { Picture } from './replay.ts';

/** How many requests of a deployment are where, counted by its dots. */
export interface Census {
  /** In the load balancer's queue. */
  readonly waiting: number;
  readonly workers: readonly WorkerState[];
}

export type Censuses = Readonly<Record<DeploymentId, Census>>;

/** Counts the requests of these deployments. */
export function takeCensus({ dots, workers }: Picture, ids: readonly DeploymentId[], requestsPerDot: number): Censuses {
  const waiting = dots.filter(({ phase }) => phase === 'waiting').map(({ id }) => id);
  const countWaiting = (id: DeploymentId) => waiting.filter(each => each === id).length * requestsPerDot;
  return Object.fromEntries(ids.map(id => [id, { waiting: countWaiting(id), workers: workers[id] ?? [] }]));
}

/** Requests that all these workers hold. */
export function countHeld(workers: readonly WorkerState[]): number {
  return workers.reduce((sum, { inProgress }) => sum + inProgress, 0);
}

/** What a worker may do, in the order in which it is listed. */
export const activities = ['computing', 'waiting for database', 'idle', 'gone'] as const;
export type Activity = (typeof activities)[number];

/** What a worker does most of the time; one that holds a request and does not compute waits for the database. */
export function describeActivity({ alive, computing, inProgress, connectionsInUse }: WorkerState): Activity {
  if (!alive) return 'gone';
  if (computing >= 0.5) return 'computing';
  return inProgress > 0 || connectionsInUse > 0 ? 'waiting for database' : 'idle';
}

export function countDoing(activity: Activity, workers: readonly WorkerState[]): number {
  return workers.filter(worker => describeActivity(worker) === activity).length;
}

/** What workers do: `computing`, or of several `2 computing, 1 idle`. */
export function listActivities(workers: readonly WorkerState[]): string {
  const done = activities.filter(activity => countDoing(activity, workers) > 0);
  return done.map(each => (workers.length === 1 ? each : `${countDoing(each, workers)} ${each}`)).join(', ');
}

/** Changes when there is something to announce: the power of ten of those that wait, workers gone, or all at rest. */
export function summarizeCensus({ waiting, workers }: Census, throughput: number | undefined): string {
  const rests = throughput === 0 && waiting === 0 && countHeld(workers) === 0;
  return `${Math.ceil(Math.log10(waiting + 1))}/${countDoing('gone', workers)}/${rests}`;
}

/** A deployment's counts in words. */
export function sayCensus({ waiting, workers }: Census, throughput: number | undefined): string {
  const busy = listActivities(workers.filter(worker => describeActivity(worker) !== 'idle'));
  const held = `${counted(workers.length, 'worker')} with ${counted(countHeld(workers), 'request')}`;
  const waits = waiting === 0 ? 'no requests waiting' : `${shownCount(waiting)} waiting`;
  const answers = throughput === undefined ? '' : `, ${shownCount(throughput)} answered per second`;
  return `${waits}, ${held}${busy === '' ? '' : ` (${busy})`}${answers}`;
}
