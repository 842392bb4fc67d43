import { setTimeout as delay } from 'node:timers/promises';
import type { WeightedRequest } from '../../loadtests/lib/orders.ts';
import { requestFor } from '../../services/contract.ts';
import type { Trial, Workload } from '../experiment/experiment.ts';
import type { Component, Measurement } from '../experiment/trial-result.ts';
import type { Bytes, Seconds } from '../experiment/units.ts';
import { LoadlineError } from '../loadline-error.ts';
import { differences, perComponent } from './differences.ts';
import { drain } from './drain.ts';
import { driveWithK6 } from './generator.ts';
import type { LoadOutcome } from './load-outcome.ts';
import type { Observer, Reading } from './observer.ts';
import type { MeasureOptions } from './runtime.ts';

/** What a trial is made with. */
export interface Instruments {
  /** Where the deployment answers, through nginx. */
  readonly target: string;
  readonly k6Path: string;
  /** Reads the deployment and, once it has been told its process, the generator. */
  readonly observer: Observer & { generatorStarted(pid: number): void };
}

const LONGEST_DRAIN: Seconds = 30;

/** What was read around a steady state. */
interface Readings {
  before: Reading;
  after: Reading;
  memory: Record<Component, Bytes>;
}

/** Drives a load with k6, reads the system at both ends of the steady state, and returns when it has drained. */
export async function measure(trial: Trial, instruments: Instruments, options: MeasureOptions): Promise<Measurement> {
  const { observer, target, k6Path } = instruments;
  const { signal, objective, onProgress } = options;
  const stopped = new AbortController();
  let readings: Promise<Readings> | undefined;
  const outcome = await driveWithK6(
    {
      target,
      requests: requestsOf(trial.cell.workload),
      load: trial.load,
      phases: trial.phases,
      objective,
      seed: trial.seed,
    },
    {
      k6Path,
      signal,
      onStart: pid => observer.generatorStarted(pid),
      onBegin: begunAt => {
        readings = readAround(trial, begunAt, observer, stopped.signal);
        // An interruption is told by the load itself.
        readings.catch(() => undefined);
      },
      onReport: progress => {
        const order = onProgress(progress);
        if (order === 'stop') stopped.abort();
        return order;
      },
    },
  );
  stopped.abort();
  if (!(await drain(observer, LONGEST_DRAIN, signal))) {
    throw new LoadlineError(
      'workers-failed',
      `The workers behind ${target} were still at work ${LONGEST_DRAIN} s after the load had ended.`,
    );
  }
  if (!readings) throw new RangeError('a load that ended has begun');
  return measurementOf(outcome, await readings);
}

/** The requests of a workload, ready for the wire. */
export function requestsOf(workload: Workload): WeightedRequest[] {
  return workload.requests.map(({ weight, route, parameters }) => ({ weight, ...requestFor(route, parameters) }));
}

/** Reads when the warm-up ends, and again when the steady state ends or the load is stopped. */
async function readAround(
  { phases }: Trial,
  begunAt: Seconds,
  observer: Observer,
  stopped: AbortSignal,
): Promise<Readings> {
  await until(begunAt + phases.warmUp, stopped);
  const before = await observer.read();
  await until(begunAt + phases.warmUp + phases.steadyState, stopped);
  const after = await observer.read();
  return { before, after, memory: await observer.memory() };
}

/** Waits for a moment of `performance.now()`, in seconds, or until the load is stopped. */
async function until(moment: Seconds, stopped: AbortSignal): Promise<void> {
  const left = moment * 1000 - performance.now();
  if (left <= 0 || stopped.aborted) return;
  await delay(left, undefined, { signal: stopped }).catch(() => undefined);
}

function measurementOf(outcome: LoadOutcome, { before, after, memory }: Readings): Measurement {
  const { cpu, ...observed } = differences(before, after);
  const perSecond = (times: number) => (outcome.steadyState > 0 ? times / outcome.steadyState : 0);
  // The readings are counted against their own completions: those of a load that is stopped lie a little elsewhere.
  const completed = Math.max(
    1,
    observed.workers.reduce((total, worker) => total + worker.completed, 0),
  );
  return {
    ...observed,
    memory,
    offeredLoad: perSecond(outcome.scored),
    throughput: perSecond(outcome.completedInSteadyState),
    scored: outcome.scored,
    neverSent: outcome.neverSent,
    neverAnswered: outcome.neverAnswered,
    inProgress: outcome.inProgress,
    stoppedEarly: outcome.stoppedEarly,
    responseTime: outcome.responseTime,
    responseTimeFromSend: outcome.responseTimeFromSend,
    scheduleLag: outcome.scheduleLag,
    errors: outcome.errors,
    serviceDemand: perComponent(component => cpu[component] / completed),
    littlesLaw: (outcome.meanInProgress * outcome.duration) / outcome.totalTimeInProgress,
  };
}
