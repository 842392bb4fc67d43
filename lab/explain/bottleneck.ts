import type { Cell, Experiment } from '../../model/experiment.ts';
import { type LimitedResource, type Measurement, resources, type TrialResult } from '../../model/measurement.ts';
import { type Fraction, type PerSecond, rounded } from '../../model/quantities.ts';
import type { Capacity } from '../search/capacity.ts';
import { bracketOf, type LoadPoint, loadCurveOf, spoiledLoadsOf } from '../search/load-curve.ts';
import { adviceOf, adviceOnGenerator, adviceOnLimit, adviceWithoutFigure } from './advice.ts';
import { type Cause, causeOf } from './cause.ts';
import { concurrencyOf } from './concurrency.ts';
import { computeResourceLimits, demandsOf } from './resource-limits.ts';
import { isObserved, type ResourcesAt, resourcesAt } from './resources-at.ts';
import { reasonOf } from './sentence.ts';
import { type Help, helpOf, type Stopped } from './what-helps.ts';

/** What stopped a cell, with the numbers that say so. */
export interface Bottleneck {
  /** `null`: none was used up. */
  readonly resource: LimitedResource | null;
  /** Of that resource, or of the busiest one. */
  readonly utilisation: Fraction;
  /** `used-up`, `queue`, …: how the resource stopped it, or what did instead. */
  readonly cause: Cause['kind'];
  /** What follows the cell's name: `stops at 92/s because both workers are busy 98 % of the time …`. */
  readonly sentence: string;
  /** What more of the resource would do; `null` where nobody can say. */
  readonly help: Help | null;
  /** Everything at the highest load that was carried; `null` where none was. */
  readonly at: ResourcesAt | null;
  /** Everything at the lowest load above it that was not carried; `null` where there is none. */
  readonly above: ResourcesAt | null;
  /** Only of a hidden deployment: how many requests it serves at once, as seen from outside. */
  readonly concurrency?: number;
}

/** Times the capacity. */
const FAR_ABOVE = 2;

/** What stopped the cell whose results these are, and what would help; `undefined` when too little was measured. */
export function bottleneckOf(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  experiment: Experiment,
): Bottleneck | undefined {
  const curve = loadCurveOf(cell, own, experiment.objective);
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
  const demands = demandsOf(measured);
  const concurrency = concurrencyOf(cell, own);
  const explained = causeOf(cell, looked, demands, experiment, concurrency);
  // What the load at capacity leaves open one far above it may show.
  const atLeast =
    explained.kind === 'unexplained' && above ? causeOf(cell, above, demands, experiment, concurrency) : explained;
  const cause: Cause = given === undefined ? atLeast : { kind: 'generator' };
  // What is used up shows best where the load was too much.
  const point = cause.kind === 'used-up' ? (above ?? looked) : looked;
  const { measurement } = point;
  const resource = 'resource' in cause ? cause.resource : null;
  const limits = computeResourceLimits(cell, measurement, demands);
  const load = loadOf(capacity, point);
  const stopped: Stopped = { cell, capacity: load, cpus: experiment.cpus, measurement, limits };
  const isFigured = resource !== null && cause.kind !== 'throttled' && !cell.deployment.hidden;
  const help = isFigured ? helpOf(resource, stopped) : undefined;
  return {
    resource,
    utilisation: Math.max(
      ...(resource === null ? resources : [resource]).map(one => measurement.utilisation[one] ?? 0),
    ),
    cause: cause.kind,
    sentence: [stopOf(capacity, point, cause, at), reasonOf(cause, cell, point, experiment)]
      .join(' ')
      .concat(...advice(cause, help, stopped).map(clause => `; ${clause}`)),
    help: help ?? null,
    at: at === undefined ? null : resourcesAt(at),
    above: above === undefined ? null : resourcesAt(above),
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
  // Near capacity chance decides: where all that was missed lies a little below what was carried, that is the limit.
  const lowest = curve.find(({ verdict }) => !verdict.met)?.arrivalRate ?? Number.POSITIVE_INFINITY;
  const { low = 0, high = lowest } = bracketOf(curve);
  const tooMuch = curve.filter(({ arrivalRate, verdict }) => !verdict.met && arrivalRate >= high);
  return {
    at: curve.findLast(point => point.verdict.met && point.arrivalRate <= low && isObserved(point)),
    above: tooMuch.find(isObserved),
    missed: tooMuch[0],
  };
}

/**
 * The load just above capacity. Far above it everything is used up that is not at capacity: there the highest load that
 * was carried says more, with every utilisation as much larger as the load.
 */
function pointAtCapacity({ at, above, missed }: AroundCapacity, capacity: Capacity): LoadPoint | undefined {
  if (at === undefined || missed === undefined) return above ?? at;
  const load = loadOf(capacity, at);
  if (above !== undefined && above.arrivalRate <= FAR_ABOVE * load) return above;
  const scaled = (of: Fraction): Fraction => Math.min(1, (of * load) / at.arrivalRate);
  const expected = Object.entries(at.measurement.utilisation).map(([resource, of]) => [resource, scaled(of)]);
  const measurement = { ...at.measurement, utilisation: Object.fromEntries(expected) as Measurement['utilisation'] };
  // What was missed, and where, is the other's.
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
  const above = spoiledLoadsOf(cell, own, objective).filter(
    point => point.arrivalRate > (at?.arrivalRate ?? 0) && isObserved(point),
  );
  return above.sort((a, b) => a.arrivalRate - b.arrivalRate)[0];
}

function loadOf(capacity: Capacity, { arrivalRate }: LoadPoint): PerSecond {
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : arrivalRate;
}

function stopOf(capacity: Capacity, { arrivalRate }: LoadPoint, { kind }: Cause, at: LoadPoint | undefined): string {
  if (kind === 'generator') return `shows no limit${at === undefined ? '' : ` above ${rounded(at.arrivalRate)}/s`}`;
  if (kind === 'limit-not-found') return `still carries ${rounded(arrivalRate)}/s, the highest load that was tried,`;
  if (capacity.state === 'bracketed') return `stops at ${rounded(capacity.estimate)}/s`;
  return `misses the objective at ${rounded(arrivalRate)}/s`;
}

function advice(cause: Cause, help: Help | undefined, stopped: Stopped): string[] {
  const { kind } = cause;
  if (kind === 'limit-not-found' || kind === 'work') return [];
  if (kind === 'generator') return ['more CPUs, or ./loadline plan --generator elsewhere, show more'];
  if (cause.kind === 'throttled') return [adviceOnLimit(cause.resource, stopped)];
  if (stopped.cell.deployment.hidden && 'resource' in cause) return [adviceWithoutFigure(cause.resource)];
  if (help === undefined) return ['what would help cannot be said from these figures'];
  const generator = help.resource === 'cpu' ? adviceOnGenerator(stopped) : undefined;
  return [adviceOf(help, stopped), ...(generator === undefined ? [] : [generator])];
}
