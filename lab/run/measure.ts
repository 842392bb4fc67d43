import { setTimeout as delay } from 'node:timers/promises';
import { requestFor } from '../../model/contract/contract.ts';
import { type Deployment, mebibytes } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Trial, Workload } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Completions, Measurement } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest, WorkerCounters } from '../../model/wire.ts';
import { drain, type IdleCheck } from './drain.ts';
import { driveWithK6, type LaunchK6, type LoadOutcome } from './generator.ts';
import { differences, type Observer, othersBetween, Sampler, type Samples, type Snapshot } from './observation.ts';

import type { MeasureOptions } from './runtime.ts';

/** What a trial is measured with. */
interface Instruments {
  /** Where the deployment answers, through nginx. */
  readonly target: string;
  /** Starts the generator. */
  readonly launch: LaunchK6;
  /** Reads the deployment and, once it has been started, the generator. */
  readonly observer: Observer;
  /** Where the lab reaches each worker of a hidden deployment, to see whether it is idle; absent: `target`. */
  readonly addresses?: readonly string[];
}

const LONGEST_DRAIN: Seconds = 30;
/** How long a process that died may take to answer again. */
const LONGEST_RESTART: Seconds = 5;
const RESTART_LOOK: Seconds = 0.2;

/** Readings around a steady state. */
interface Snapshots {
  readonly before: Snapshot;
  readonly after: Awaited<ReturnType<Observer['readWithMemory']>>;
  readonly between: Samples;
}

/** Drives a load with k6, reads the system at both ends of the steady state, and returns when it has drained. */
export async function measure(trial: Trial, instruments: Instruments, options: MeasureOptions): Promise<Measurement> {
  const before = await instruments.observer.read();
  try {
    return await measureFrom(before, trial, instruments, options);
  } catch (error) {
    const isSilent = error instanceof LoadlineError && error.code === 'workers-failed';
    if (isSilent) await requireSameOnceBack(before, instruments, options.signal);
    throw error;
  }
}

async function measureFrom(
  before: Snapshot,
  trial: Trial,
  instruments: Instruments,
  options: MeasureOptions,
): Promise<Measurement> {
  const { observer, target, launch } = instruments;
  const { signal, objective, onProgress } = options;
  const stopped = new AbortController();
  const givenUp = new AbortController();
  let snapshots: Promise<Snapshots> | undefined;
  const othersBefore = await observer.readOthers();
  const outcome = await driveWithK6(
    {
      target,
      requests: listRequests(trial.cell.workload),
      load: trial.load,
      phases: trial.phases,
      objective,
      seed: trial.seed,
    },
    {
      launch,
      signal,
      onBegin: begunAt => {
        snapshots = readAround(trial, begunAt, observer, stopped.signal, givenUp.signal);
        // Awaited when the load has ended.
        snapshots.catch(() => undefined);
      },
      onReport: progress => {
        const order = onProgress(progress);
        const isOver = trial.load.model === 'burst' && progress.sent > 0 && progress.inProgress === 0;
        if (order === 'stop' || isOver) stopped.abort();
        return order;
      },
    },
  ).catch(async error => {
    givenUp.abort(error);
    await Promise.allSettled([snapshots]);
    throw error;
  });
  stopped.abort();
  const { deployment } = trial.cell;
  const idleCheck = deployment.hidden && planIdleCheck(trial, outcome, instruments, options);
  await drain(observer, LONGEST_DRAIN, signal, idleCheck);
  if (!snapshots) throw new RangeError('a load that ended has begun');
  const after = await observer.read();
  requireSameProcesses(before, after, target);
  const others = othersBetween(othersBefore, await observer.readOthers(), after.time - before.time);
  const [began, ended] = [before.workers, after.workers];
  const byWorkers = began && ended && { byWorkers: completedBy(ended) - completedBy(began) };
  return { ...composeMeasurement(outcome, await snapshots, byWorkers, deployment), others };
}

/** A probe is a request of the kind that is sent most. */
function planIdleCheck(
  { cell }: Trial,
  { responseTimeFromSend }: LoadOutcome,
  { target, addresses = [target] }: Instruments,
  { lightResponseTime = quantile(responseTimeFromSend, 0.9) }: MeasureOptions,
): IdleCheck | undefined {
  const [request] = listRequests(cell.workload).sort((a, b) => b.weight - a.weight);
  return request && { addresses, request, responseTime: lightResponseTime };
}

/** The requests of a workload, ready for the wire. */
export function listRequests(workload: Workload): WeightedRequest[] {
  return workload.requests.map(({ weight, route, parameters }) => ({ weight, ...requestFor(route, parameters) }));
}

/** Waits until a silent process answers again, to say whether it died, and of what. */
async function requireSameOnceBack(
  before: Snapshot,
  { observer, target }: Instruments,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_RESTART * 1000)]);
  while (!limit.aborted) {
    const after = await observer.read().catch(() => undefined);
    if (after) return requireSameProcesses(before, after, target);
    await delay(RESTART_LOOK * 1000, undefined, { signal: limit }).catch(() => undefined);
  }
}

/** A process that died took its counters and its CPU time with it. */
function requireSameProcesses(before: Snapshot, after: Snapshot, target: string): void {
  const died = before.processes.filter(pid => !after.processes.includes(pid));
  if (died.length === 0) return;
  const what = `${died.length} of ${before.processes.length} processes behind ${target} died under the load and were restarted`;
  throw new LoadlineError('worker-restarted', `${what}${describeKills(before.memoryKills, after.memoryKills)}.`);
}

/** What the kernel counted in the workers' container. */
function describeKills(before: Snapshot['memoryKills'], after: Snapshot['memoryKills']): string {
  const kills = (after?.count ?? 0) - (before?.count ?? 0);
  if (!after || kills <= 0) return '';
  const limit = `${mebibytes(after.limit)} MiB`;
  const times = kills === 1 ? 'a process' : `processes ${kills} times`;
  return `; the kernel killed ${times}, as the container reached its memory limit (${limit}): raise WORKERS_MEMORY or lower the number of processes`;
}

function completedBy(workers: readonly WorkerCounters[]): number {
  return workers.reduce((total, { completed }) => total + completed, 0);
}

/** Reads when the warm-up ends, and again when the steady state ends or the load is stopped; looks often in between. */
async function readAround(
  { phases, load }: Trial,
  begunAt: Seconds,
  observer: Observer,
  stopped: AbortSignal,
  givenUp: AbortSignal,
): Promise<Snapshots> {
  await until(begunAt + phases.warmUp, stopped, givenUp);
  const before = await observer.read();
  const sampler = new Sampler(observer, load, before);
  let between: Samples;
  try {
    await until(begunAt + phases.warmUp + phases.steadyState, stopped, givenUp);
  } finally {
    between = await sampler.stop();
  }
  return { before, after: await observer.readWithMemory(), between };
}

/** Waits for a moment of `performance.now()`, in seconds, or until the load is stopped; throws when it is given up. */
async function until(moment: Seconds, stopped: AbortSignal, givenUp: AbortSignal): Promise<void> {
  const left = Math.max(0, moment * 1000 - performance.now());
  await delay(left, undefined, { signal: AbortSignal.any([stopped, givenUp]) }).catch(() => undefined);
  givenUp.throwIfAborted();
}

function composeMeasurement(
  outcome: LoadOutcome,
  { before, after, between }: Snapshots,
  byWorkers: Pick<Completions, 'byWorkers'> | undefined,
  deployment: Deployment,
): Omit<Measurement, 'others'> {
  const { sent, succeeded, stoppedBy, duration: _, meanInProgress: __, ...measured } = outcome;
  return {
    ...differences(before, after, between, { ...deployment, throughput: outcome.throughput }),
    memory: after.memory,
    stoppedEarly: stoppedBy !== undefined,
    controlLost: stoppedBy === 'silence',
    ...measured,
    completions: { sent, succeeded, ...byWorkers },
  };
}
