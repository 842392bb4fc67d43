import { LoadlineError } from '../../model/errors.ts';
import type { Load, Phases } from '../../model/experiment.ts';
import { type Histogram, merged } from '../../model/histogram.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import {
  type ErrorKind,
  errorKinds,
  type InProgress,
  type Orders,
  type SourceOutcome,
  type SourceReport,
  type WeightedRequest,
} from '../../model/wire.ts';
import { availableCpus } from '../../services/cpus.ts';
import { generatorCpus } from '../search/saturation.ts';
import type { TrialProgress } from './runtime.ts';

/** A load to drive: what is sent where, how, and for how long. */
export interface LoadToDrive {
  /** Base URL, without a slash at its end. */
  readonly target: string;
  readonly requests: readonly WeightedRequest[];
  readonly load: Load;
  readonly phases: Phases;
  /** Response time: the edge of the histograms. */
  readonly objective: Seconds;
  readonly seed: number;
  /** Virtual users that arrivals and users are spread over; a burst has one. */
  readonly sources?: number;
}

/** Hears of a load while it runs. */
interface LoadListener {
  /** Called several times a second with the reports of all sources together; the load stops on `'stop'`. */
  readonly onReport: (progress: TrialProgress) => 'go-on' | 'stop';
  /** Called once, when the load has begun: its time 0 on the clock of `performance.now()`, in seconds. */
  readonly onBegin?: (begunAt: Seconds) => void;
}

interface Driving extends LoadListener {
  readonly launch: LaunchK6;
  readonly signal: AbortSignal;
}

/** What k6 is to run. */
interface K6Task {
  /** A script of `loadtests/`. */
  readonly script: `${Load['model']}.ts`;
  /** The variables that the script reads, except `ORDERS`, which depends on where k6 runs. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts k6 where a runtime has it, and hands the reports of its sources to `desk`. */
export type LaunchK6 = (task: K6Task, desk: OrdersDesk) => Promise<RunningK6>;

/** A k6 that was started. */
interface RunningK6 {
  /** Resolves when k6 has ended, to how: `exit code 0`. */
  readonly ended: Promise<string>;
  /** The last lines that it has written so far. */
  readonly lines: readonly string[];
  /** Ends k6 if it still runs, and returns when nothing is left of it. */
  end(): Promise<void>;
}

/** For every script: no summary, no samples that are kept, nothing that is sent elsewhere. */
export const k6Flags = ['-q', '--no-usage-report', '--summary-mode=disabled', '--no-thresholds', '--log-format=raw'];

/**
 * For every script. Go collects garbage a quarter as often as by default, since answers wait meanwhile: k6 then took 0.15
 * to 0.25 ms to see an answer instead of 0.2 to 0.35, and up to a quarter less CPU. Go runs on half of the CPUs: on one
 * CPU instead of two, k6 used 14 to 18 % less CPU time per request.
 */
export const k6Variables = { GOGC: '400', GOMAXPROCS: `${generatorCpus(availableCpus())}` };

const DEFAULT_SOURCES = 2;
/** How long k6 may take to end after its last report. */
const LONGEST_END: Seconds = 2;
/** How much longer than its phases a load may take, before k6 is taken to be stuck. */
const LONGEST_DELAY: Seconds = 15;

/** Drives a load with k6, and returns what all its sources measured once every request has ended. */
export async function driveWithK6(toDrive: LoadToDrive, driving: Driving): Promise<LoadOutcome> {
  const { load, phases, target } = toDrive;
  const { launch, signal } = driving;
  const sources = load.model === 'burst' ? 1 : (toDrive.sources ?? DEFAULT_SOURCES);
  const desk = new OrdersDesk(sources, driving);

  signal.throwIfAborted();
  const k6 = await launch(planTask(toDrive, sources), desk);
  const interrupt = () => void k6.end();
  const longest = phases.warmUp + phases.steadyState + phases.timeLimit + LONGEST_DELAY;
  const stuck = setTimeout(interrupt, longest * 1000);
  signal.addEventListener('abort', interrupt);
  try {
    if (signal.aborted) interrupt();
    await Promise.race([desk.handedOver, k6.ended]);
    await Promise.race([k6.ended, new Promise(resolve => setTimeout(resolve, LONGEST_END * 1000).unref())]);
  } finally {
    clearTimeout(stuck);
    signal.removeEventListener('abort', interrupt);
    await k6.end();
  }

  signal.throwIfAborted();
  if (desk.outcomes.length < sources) {
    const { lines } = k6;
    const said = lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lines.join('\n')}`;
    throw new LoadlineError('k6-failed', `k6 ended (${await k6.ended}) before its load at ${target} did. ${said}`);
  }
  return mergeOutcomes(desk.outcomes);
}

/** The load as a script and the variables that it reads. */
function planTask({ load, phases, target, requests, objective, seed }: LoadToDrive, sources: number): K6Task {
  const settings = {
    TARGET: target,
    REQUESTS: JSON.stringify(requests),
    WARM_UP: phases.warmUp,
    STEADY_STATE: phases.steadyState,
    TIME_LIMIT: phases.timeLimit,
    OBJECTIVE: objective,
    SOURCES: sources,
    SEED: seed,
    ...(load.model === 'open' && { ARRIVAL_RATE: load.arrivalRate }),
    ...(load.model === 'closed' && { USERS: load.users, THINK_TIME: load.thinkTime }),
    ...(load.model === 'burst' && { BURST: load.requests }),
  };
  const texts = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  return { script: `${load.model}.ts`, settings: Object.fromEntries(texts) };
}

/** Takes the reports of the sources of one load, and answers with their orders. */
export class OrdersDesk {
  /** Resolves when every source has handed over its outcome; rejects with what the listener throws. */
  readonly handedOver: Promise<void>;
  readonly #sources: number;
  readonly #listener: LoadListener;
  readonly #latest = new Map<number, SourceReport>();
  #orders: Orders = { stop: false };
  readonly #onHandedOver: () => void;
  readonly #onFailed: (reason: unknown) => void;

  constructor(sources: number, listener: LoadListener) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.handedOver = promise;
    // It may fail before it is awaited.
    promise.catch(() => undefined);
    this.#onHandedOver = resolve;
    this.#onFailed = reject;
    this.#sources = sources;
    this.#listener = listener;
  }

  /** The orders for a source that reports. */
  take(report: SourceReport): Orders {
    try {
      if (this.#latest.size === 0) this.#listener.onBegin?.(performance.now() / 1000 - report.time);
      this.#latest.set(report.source, report);
      if (this.#listener.onReport(this.#progress()) === 'stop') this.#orders = { stop: true };
    } catch (error) {
      this.#onFailed(error);
      throw error;
    }
    if (this.outcomes.length === this.#sources) this.#onHandedOver();
    return this.#orders;
  }

  /** Gives the load up: its reports cannot get here any more. */
  fail(reason: unknown): void {
    this.#onFailed(reason);
  }

  /** What the sources have handed over so far, in their order. */
  get outcomes(): SourceOutcome[] {
    return [...this.#latest.values()]
      .flatMap(report => report.outcome ?? [])
      .sort((one, other) => one.source - other.source);
  }

  #progress(): TrialProgress {
    const reports = [...this.#latest.values()];
    const sum = (key: 'sent' | 'inProgress' | 'overObjective' | 'failed') =>
      reports.reduce((total, report) => total + report[key], 0);
    return {
      time: Math.max(...reports.map(report => report.time)),
      sent: sum('sent'),
      inProgress: sum('inProgress'),
      overObjective: sum('overObjective'),
      failed: sum('failed'),
    };
  }
}

/** What all sources of a load measured together. */
export interface LoadOutcome extends Omit<SourceOutcome, 'source' | 'steadyState' | 'completedInSteadyState'> {
  /** Scored arrivals per second. */
  readonly offeredLoad: PerSecond;
  /** Successful completions per second of steady state. */
  readonly throughput: PerSecond;
}

/** Seconds between two points of a merged series of requests in progress; the sources' samples are as far apart. */
const STEP: Seconds = 0.05;

/** Adds up what the sources of one load measured; their histograms must share their objective. */
export function mergeOutcomes(outcomes: readonly SourceOutcome[]): LoadOutcome {
  const first = outcomes[0];
  if (first === undefined) throw new RangeError('a load without sources has no outcome');
  const sum = (of: (outcome: SourceOutcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  // Each source of a load that is stopped has a steady state of its own length.
  const perSecond = (of: (outcome: SourceOutcome) => number) =>
    sum(outcome => (outcome.steadyState > 0 ? of(outcome) / outcome.steadyState : 0));
  // Silence is told even if another source still heard an order: the load did not end as it was meant to.
  const causes = outcomes.map(outcome => outcome.stoppedBy);
  const stoppedBy = causes.includes('silence') ? 'silence' : causes.find(cause => cause !== undefined);
  const duration = Math.max(...outcomes.map(outcome => outcome.duration));
  const histogram = (of: (outcome: SourceOutcome) => Histogram) => merged(outcomes.map(of), of(first).objective);
  const errors = errorKinds.map(kind => [kind, sum(outcome => outcome.errors[kind])]);
  return {
    scored: sum(outcome => outcome.scored),
    neverSent: sum(outcome => outcome.neverSent),
    outOfConnections: sum(outcome => outcome.outOfConnections),
    neverAnswered: sum(outcome => outcome.neverAnswered),
    errors: Object.fromEntries(errors) as Record<ErrorKind, number>,
    offeredLoad: perSecond(outcome => outcome.scored),
    throughput: perSecond(outcome => outcome.completedInSteadyState),
    responseTime: histogram(outcome => outcome.responseTime),
    responseTimeFromSend: histogram(outcome => outcome.responseTimeFromSend),
    scheduleLag: histogram(outcome => outcome.scheduleLag),
    inProgress: mergeSeries(outcomes.map(outcome => outcome.inProgress)),
    sent: sum(outcome => outcome.sent),
    succeeded: sum(outcome => outcome.succeeded),
    timeInProgress: sum(outcome => outcome.timeInProgress),
    meanInProgress: sum(outcome => outcome.meanInProgress * outcome.duration) / (duration || 1),
    duration,
    ...(stoppedBy && { stoppedBy }),
    ...(first.responses === undefined ? {} : { responses: outcomes.flatMap(outcome => outcome.responses ?? []) }),
  };
}

/** Adds the series up at equal times: between two samples a series is a straight line, after its last it is 0. */
function mergeSeries(series: readonly (readonly InProgress[])[]): InProgress[] {
  const end = Math.max(0, ...series.map(one => one.at(-1)?.time ?? 0));
  const all = Array.from({ length: Math.ceil(end / STEP) + 1 }, (_, index) => ({ time: index * STEP, requests: 0 }));
  for (const one of series) {
    let next = 0;
    for (const point of all) {
      while ((one[next]?.time ?? Number.POSITIVE_INFINITY) < point.time) next++;
      point.requests += interpolate(point.time, one[next - 1], one[next]);
    }
  }
  return all;
}

function interpolate(time: Seconds, before: InProgress | undefined, after: InProgress | undefined): number {
  if (after === undefined) return 0;
  if (before === undefined) return after.time - time < STEP ? after.requests : 0;
  const share = (time - before.time) / (after.time - before.time);
  return before.requests + share * (after.requests - before.requests);
}
