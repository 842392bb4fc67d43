import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { meanOf, quantile } from '../../model/histogram.ts';
import {
  type Component,
  isTold,
  type LimitedResource,
  type Measurement,
  resources,
  type ToldMeasurement,
  type TrialResult,
  type WorkerActivity,
} from '../../model/measurement.ts';
import { type Fraction, type PerSecond, type Seconds, shownNumber } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { Capacity } from '../search/capacity.ts';
import { buildLoadCurve, findBracket, type LoadPoint, listSpoiledLoads } from '../search/load-curve.ts';
import { busyPerRequest, computeOthersShare } from '../search/saturation.ts';
import { trendInProgress } from '../search/verdict.ts';
import {
  adviseGenerator,
  adviseHidden,
  adviseLimit,
  adviseMore,
  computeResourceLimits,
  type Help,
  predictHelp,
  type Stopped,
} from './advice.ts';
import { type Cause, findCause, findDemands, measureConcurrency } from './cause.ts';
import { describeCause } from './sentence.ts';

/** What stopped a cell, with the numbers that say so. */
export interface Bottleneck {
  /** `null`: no resource was used up. */
  readonly resource: LimitedResource | null;
  /** Utilisation of that resource, or of the busiest one. */
  readonly utilisation: Fraction;
  /** `used-up`, `queue`, …: how the resource stopped the cell, or what else did. */
  readonly cause: Cause['kind'];
  /** What follows the cell's name: `stops at 92/s because both workers are busy 98 % of the time …`. */
  readonly sentence: string;
  /** What more of the resource would do; `null` if that cannot be predicted. */
  readonly help: Help | null;
  /** All resources at the highest load that was carried; `null` if none was. */
  readonly at: ResourcesAt | null;
  /** All resources at the lowest load above it that was missed; `null` if none was. */
  readonly above: ResourcesAt | null;
  /** Requests that a hidden deployment serves at once, as seen from outside. */
  readonly concurrency?: number;
}

/** Times the capacity. */
const FAR_ABOVE = 2;

/** Finds what stopped a cell, by its own results, and what would help; `undefined` if too little was measured. */
export function findBottleneck(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  experiment: Experiment,
): Bottleneck | undefined {
  const curve = buildLoadCurve(cell, own, experiment.objective);
  const around = aroundCapacity(curve);
  const spoiled = around.missed === undefined ? spoiledAbove(cell, own, around.at, experiment) : undefined;
  const isFound = capacity.state === 'bracketed';
  const given = capacity.state === 'at-least' && capacity.limitedBy === 'generator' ? spoiled : undefined;
  const { at, above, missed } = isFound ? withMissed(around, spoiled) : around;
  const looked = given ?? pointAtCapacity({ at, above, missed }, capacity);
  if (looked === undefined) return undefined;
  const measured = own.flatMap(result =>
    result.state === 'completed' && isObserved(result) ? [result.measurement] : [],
  );
  const demands = findDemands(measured);
  const concurrency = measureConcurrency(cell, own);
  const explained = findCause(cell, looked, demands, experiment, concurrency);
  // A load far above capacity may show what the load at capacity leaves open.
  const atLeast =
    explained.kind === 'unexplained' && above ? findCause(cell, above, demands, experiment, concurrency) : explained;
  const cause: Cause = given === undefined ? atLeast : { kind: 'generator' };
  // An overload shows best what is used up.
  const point = cause.kind === 'used-up' ? (above ?? looked) : looked;
  const { measurement } = point;
  const resource = 'resource' in cause ? cause.resource : null;
  const limits = computeResourceLimits(cell, measurement, demands);
  const load = chooseLoad(capacity, point);
  const stopped: Stopped = { cell, capacity: load, cpus: experiment.cpus, measurement, limits };
  const isFigured = resource !== null && cause.kind !== 'throttled' && !cell.deployment.hidden;
  const help = isFigured ? predictHelp(resource, stopped) : undefined;
  return {
    resource,
    utilisation: Math.max(
      ...(resource === null ? resources : [resource]).map(one => measurement.utilisation[one] ?? 0),
    ),
    cause: cause.kind,
    sentence: [describeStop(capacity, point, cause, at), describeCause(cause, cell, point, experiment)]
      .join(' ')
      .concat(...advice(cause, help, stopped).map(clause => `; ${clause}`)),
    help: help ?? null,
    at: at === undefined ? null : readResources(at),
    above: above === undefined ? null : readResources(above),
    ...(concurrency && { concurrency: concurrency.atOnce }),
  };
}

interface AroundCapacity {
  /** The highest load that was carried, of those that were observed. */
  readonly at: LoadPoint | undefined;
  /** The lowest above it that was not, of those that were observed. */
  readonly above: LoadPoint | undefined;
  /** The lowest of all that was not. */
  readonly missed: LoadPoint | undefined;
}

function aroundCapacity(curve: readonly LoadPoint[]): AroundCapacity {
  // If all that was missed lies a little below what was carried, that is the limit: near capacity chance decides.
  const lowest = curve.find(({ verdict }) => !verdict.met)?.arrivalRate ?? Number.POSITIVE_INFINITY;
  const { low = 0, high = lowest } = findBracket(curve);
  const tooMuch = curve.filter(({ arrivalRate, verdict }) => !verdict.met && arrivalRate >= high);
  return {
    at: curve.findLast(point => point.verdict.met && point.arrivalRate <= low && isObserved(point)),
    above: tooMuch.find(isObserved),
    missed: tooMuch[0],
  };
}

/**
 * The load just above capacity. Far above it everything is used up: then the highest load that was carried says more,
 * with every utilisation scaled to the capacity.
 */
function pointAtCapacity({ at, above, missed }: AroundCapacity, capacity: Capacity): LoadPoint | undefined {
  if (at === undefined || missed === undefined) return above ?? at;
  const load = chooseLoad(capacity, at);
  if (above !== undefined && above.arrivalRate <= FAR_ABOVE * load) return above;
  const scaled = (of: Fraction): Fraction => Math.min(1, (of * load) / at.arrivalRate);
  const expected = Object.entries(at.measurement.utilisation).map(([resource, of]) => [resource, scaled(of)]);
  const measurement = { ...at.measurement, utilisation: Object.fromEntries(expected) as Measurement['utilisation'] };
  return { ...missed, measurement };
}

/** If a capacity was found and no load was missed, takes the spoiled load, or else the highest carried one, as missed. */
function withMissed(around: AroundCapacity, spoiled: LoadPoint | undefined): AroundCapacity {
  const { at, missed } = around;
  const highest = spoiled ?? at;
  if (missed !== undefined || highest === undefined) return around;
  const asMissed = { ...highest, verdict: { met: false, misses: [] } };
  return { at, above: spoiled && asMissed, missed: asMissed };
}

/** The lowest load above the highest carried one that the generator could not offer. */
function spoiledAbove(
  cell: Cell,
  own: readonly TrialResult[],
  at: LoadPoint | undefined,
  { objective }: Experiment,
): LoadPoint | undefined {
  const above = listSpoiledLoads(cell, own, objective).filter(
    point => point.arrivalRate > (at?.arrivalRate ?? 0) && isObserved(point),
  );
  return above.sort((a, b) => a.arrivalRate - b.arrivalRate)[0];
}

function chooseLoad(capacity: Capacity, { arrivalRate }: LoadPoint): PerSecond {
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : arrivalRate;
}

function describeStop(
  capacity: Capacity,
  { arrivalRate }: LoadPoint,
  { kind }: Cause,
  at: LoadPoint | undefined,
): string {
  if (kind === 'generator') return `shows no limit${at === undefined ? '' : ` above ${shownNumber(at.arrivalRate)}/s`}`;
  if (kind === 'limit-not-found')
    return `still carries ${shownNumber(arrivalRate)}/s, the highest load that was tried,`;
  if (capacity.state === 'bracketed') return `stops at ${shownNumber(capacity.estimate)}/s`;
  return `misses the objective at ${shownNumber(arrivalRate)}/s`;
}

function advice(cause: Cause, help: Help | undefined, stopped: Stopped): string[] {
  const { kind } = cause;
  if (kind === 'limit-not-found' || kind === 'work') return [];
  if (kind === 'generator') return ['to see more, use more CPUs or run ./loadline plan --generator elsewhere'];
  if (cause.kind === 'throttled') return [adviseLimit(cause.resource, stopped)];
  if (stopped.cell.deployment.hidden && 'resource' in cause) return [adviseHidden(cause.resource)];
  if (help === undefined) return ['these figures do not show what would help'];
  const generator = help.resource === 'cpu' ? adviseGenerator(stopped) : undefined;
  return [adviseMore(help, stopped), ...(generator === undefined ? [] : [generator])];
}

/** How busy each resource was at one load, and what requests waited for. */
export interface ResourcesAt {
  readonly arrivalRate: PerSecond;
  readonly utilisation: Measurement['utilisation'];
  /** Of all CPUs; `others`: other programs and the lab itself. */
  readonly cpuShare: Readonly<Record<Component | 'others', Fraction>>;
  /** The least and the most busy worker: busy time of a blocking one, utilisation of an event loop; absent: hidden. */
  readonly workersBusy?: { readonly lowest: Fraction; readonly highest: Fraction };
  /** Requests that one worker held: the mean over all workers, and the most of any. */
  readonly heldPerWorker?: { readonly mean: number; readonly most: number };
  /** Requests that were added to those in progress, each second. */
  readonly growth: PerSecond;
  readonly databaseConnections: {
    /** Mean; absent: not known. */
    readonly inUse?: number;
    readonly activeBackends: Measurement['activeBackends'];
  };
  /** Mean wait of a request for its worker, and for a database connection. */
  readonly waiting?: { readonly worker: Seconds; readonly connection: Seconds };
  readonly contextSwitches?: Measurement['contextSwitches'];
  readonly steal: Fraction;
  readonly throttled: Fraction | null;
  /** p99 of how late the generator was. */
  readonly scheduleLag: Seconds;
}

/** Below this, chance and the hundredths in which CPU time is counted are most of what is seen. */
const LEAST_OBSERVED: Seconds = 0.5;

/** Whether enough was seen of a load: a trial that was stopped in its warm-up shows nothing. */
function isObserved({ measurement }: Pick<LoadPoint, 'measurement'>): boolean {
  if (measurement.observed < LEAST_OBSERVED) return false;
  return isTold(measurement) ? measurement.workers.some(({ completed }) => completed > 0) : measurement.throughput > 0;
}

function readResources({ arrivalRate, trial, measurement }: LoadPoint): ResourcesAt {
  const { utilisation, cpuShare, steal, throttled, activeBackends, contextSwitches } = measurement;
  const connections = utilisation['database-connections'];
  return {
    arrivalRate,
    utilisation,
    cpuShare: { ...cpuShare, others: Math.max(0, computeOthersShare(measurement)) },
    ...(isTold(measurement) && workersAt(trial, measurement)),
    growth: trendInProgress(trial, measurement).slope,
    databaseConnections: {
      ...(connections !== undefined && { inUse: connections * trial.cell.deployment.databaseConnections }),
      activeBackends,
    },
    ...(contextSwitches !== undefined && { contextSwitches }),
    steal,
    throttled,
    scheduleLag: quantile(measurement.scheduleLag, 0.99),
  };
}

function workersAt({ cell }: Trial, measurement: ToldMeasurement) {
  const { observed, workers } = measurement;
  const busy = workers.map(worker => worker.busy / observed);
  const held = workers.map(({ inProgress }) => inProgress);
  return {
    workersBusy: { lowest: Math.min(...busy), highest: Math.max(...busy) },
    heldPerWorker: {
      mean: held.reduce((sum, { mean }) => sum + mean, 0) / held.length,
      most: Math.max(...held.map(({ most }) => most)),
    },
    waiting: {
      worker: waitForWorker(measurement, isConcurrencyLimited(cell.deployment.spec)),
      connection: perRequest(workers, ({ connectionWait }) => connectionWait),
    },
  };
}

/** The rest of the response time: a loop that comes back to a request late makes it wait too. */
function waitForWorker(measurement: ToldMeasurement, blocking: boolean): Seconds {
  const { responseTimeFromSend, workers } = measurement;
  if (responseTimeFromSend.count === 0) return 0;
  const inside = blocking
    ? busyPerRequest(measurement)
    : perRequest(workers, ({ databaseWait, connectionWait }) => databaseWait + connectionWait);
  return Math.max(0, meanOf(responseTimeFromSend) - inside);
}

function perRequest(workers: readonly WorkerActivity[], of: (worker: WorkerActivity) => Seconds): Seconds {
  const completed = workers.reduce((sum, worker) => sum + worker.completed, 0);
  return workers.reduce((sum, worker) => sum + of(worker), 0) / completed;
}
