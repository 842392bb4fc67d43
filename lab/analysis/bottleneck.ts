import type { Cell, Experiment } from '../experiment/experiment.ts';
import { type Resource, resources, type TrialResult } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../experiment/units.ts';
import { adviceOf, adviceOnGenerator } from './bottleneck/advice.ts';
import { type Cause, causeOf } from './bottleneck/cause.ts';
import { demandsOf, limitsOf } from './bottleneck/limits.ts';
import { isObserved, type ResourcesAt, resourcesAt } from './bottleneck/resources-at.ts';
import { reasonOf } from './bottleneck/sentence.ts';
import { type Help, helpOf, type Stopped } from './bottleneck/what-helps.ts';
import type { Capacity } from './capacity.ts';
import { culpritOf } from './invalid-hints.ts';
import { bracketOf, type LoadPoint, loadCurveOf } from './load-curve.ts';
import { rounded } from './numbers.ts';
import { verdictOf } from './verdict.ts';

/** What stopped a cell, with the numbers that say so. */
export interface Bottleneck {
  /** `null`: none was used up. */
  readonly resource: Resource | null;
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
}

/** What stopped the cell whose results these are, and what would help; `undefined` when too little was measured. */
export function bottleneckOf(
  cell: Cell,
  own: readonly TrialResult[],
  capacity: Capacity,
  experiment: Experiment,
): Bottleneck | undefined {
  const curve = loadCurveOf(cell, own, experiment.objective).filter(isObserved);
  const { at, above } = aroundCapacity(curve);
  const given = above === undefined ? outOfGenerator(own, at, experiment) : undefined;
  const point = above ?? given ?? at;
  if (point === undefined) return undefined;
  const { measurement } = point;
  const measured = own.flatMap(result =>
    result.state === 'completed' && isObserved(result) ? [result.measurement] : [],
  );
  const demands = demandsOf(measured);
  const cause = given === undefined ? causeOf(cell, point, demands, experiment) : { kind: 'generator' as const };
  const resource = 'resource' in cause ? cause.resource : null;
  const limits = limitsOf(cell, measurement, demands);
  const load = loadOf(capacity, point);
  const stopped: Stopped = { cell, capacity: load, cpus: experiment.cpus, measurement, limits };
  const help = resource === null || cause.kind === 'throttled' ? undefined : helpOf(resource, stopped);
  return {
    resource,
    utilisation: Math.max(...(resource === null ? resources : [resource]).map(one => measurement.utilisation[one])),
    cause: cause.kind,
    sentence: [stopOf(capacity, point, cause, at), reasonOf(cause, cell, point, experiment)]
      .join(' ')
      .concat(...advice(cause, help, stopped).map(clause => `; ${clause}`)),
    help: help ?? null,
    at: at === undefined ? null : resourcesAt(at),
    above: above === undefined ? null : resourcesAt(above),
  };
}

/** The highest load that was carried and the lowest above it that was not, among those that were observed. */
function aroundCapacity(curve: readonly LoadPoint[]): { at?: LoadPoint; above?: LoadPoint } {
  const { low = 0, high = Number.POSITIVE_INFINITY } = bracketOf(curve);
  const at = curve.findLast(({ arrivalRate, verdict }) => verdict.met && arrivalRate <= low);
  const above = curve.find(({ arrivalRate, verdict }) => !verdict.met && arrivalRate >= high);
  return { ...(at && { at }), ...(above && { above }) };
}

/** The lowest load above the highest carried one that the generator could not offer; who used the CPUs is seen there too. */
function outOfGenerator(
  own: readonly TrialResult[],
  at: LoadPoint | undefined,
  { objective }: Experiment,
): LoadPoint | undefined {
  const points = own.flatMap(result => {
    const { trial } = result;
    if (result.state !== 'invalid' || culpritOf(result.reason) !== 'generator') return [];
    if (trial.load.model !== 'open' || trial.purpose === 'claim' || !isObserved(result)) return [];
    const { measurement } = result;
    const { arrivalRate } = trial.load;
    return [{ arrivalRate, trial, measurement, verdict: verdictOf(trial, measurement, objective) }];
  });
  const above = points.filter(({ arrivalRate }) => arrivalRate > (at?.arrivalRate ?? 0));
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

function advice({ kind }: Cause, help: Help | undefined, stopped: Stopped): string[] {
  if (kind === 'limit-not-found' || kind === 'work') return [];
  if (kind === 'generator') return ['with k6 on a machine of its own it could be found'];
  if (kind === 'throttled') return ['a higher limit would help'];
  if (help === undefined) return ['what would help cannot be said from these figures'];
  const generator = help.resource === 'cpu' ? adviceOnGenerator(stopped) : undefined;
  return [adviceOf(help, stopped), ...(generator === undefined ? [] : [generator])];
}
