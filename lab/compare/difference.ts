import { type Cell, cellName, type Workload } from '../../model/experiment.ts';
import { type Fraction, rounded } from '../../model/quantities.ts';
import { exponential, geometricInterval, type Interval, quotient, welchHalfWidth } from '../../model/statistics.ts';
import { type Capacity, LEAST_BLOCKS } from '../search/capacity.ts';
import { type ComparedCell, compareResults, type Results } from './comparison.ts';

/** Two runs of one thing, the earlier first. */
interface TwoRuns {
  readonly before: Results;
  readonly after: Results;
}

/**
 * What became of a cell's capacity. `regression`: the whole interval of the ratio lies below what is allowed;
 * `not shown`: the interval holds the line, or there is none.
 */
type CapacityChange = 'regression' | 'improvement' | 'no regression' | 'not shown';

/** One cell in both runs. */
export interface ChangedCell {
  readonly cell: string;
  readonly before: ComparedCell;
  readonly after: ComparedCell;
  /**
   * Capacity after ÷ capacity before, with its 95 % interval: by Welch from the blocks of both, or from their intervals;
   * absent: one of them is not known.
   */
  readonly ratio?: Interval & { readonly method: 'blocks' | 'intervals' };
  readonly change: CapacityChange;
}

/** How two runs differ. */
export type Difference =
  | { readonly state: 'refused'; readonly reasons: readonly string[] }
  | {
      readonly state: 'compared';
      /** Largest tolerated capacity drop. */
      readonly allow: Fraction;
      readonly cells: readonly ChangedCell[];
      /** What else differs between the runs. */
      readonly notes: readonly string[];
    };

/** Compares the second run with the first; a capacity may be lower by the fraction `allow`. */
export function compareRuns(runs: TwoRuns, allow: Fraction): Difference {
  const reasons = [...findRefusals(runs)];
  if (reasons.length > 0) return { state: 'refused', reasons };
  const [before, after] = [runs.before, runs.after].map(compareByCell);
  const cells = commonCells(runs).flatMap(cell => {
    const name = cellName(cell);
    const [was, is] = [before?.get(name), after?.get(name)];
    if (was === undefined || is === undefined) return [];
    const ratio = estimateRatio(was, is);
    const change = judgeChange(ratio, was.capacity, is.capacity, allow);
    return [{ cell: name, before: was, after: is, ...(ratio && { ratio }), change }];
  });
  return { state: 'compared', allow, cells, notes: listNotes(runs) };
}

/** The cells that both runs have, in the order of the first, as the first has them. */
export function commonCells({ before, after }: TwoRuns): Cell[] {
  const names = new Set(after.experiment.cells.map(cellName));
  return before.experiment.cells.filter(cell => names.has(cellName(cell)));
}

function compareByCell(run: Results): Map<string, ComparedCell> {
  const { cells } = compareResults(run);
  return new Map(run.experiment.cells.flatMap((cell, index) => (cells[index] ? [[cellName(cell), cells[index]]] : [])));
}

function judgeChange(ratio: Interval | undefined, before: Capacity, after: Capacity, allow: Fraction): CapacityChange {
  if (ratio === undefined) {
    const least = 'low' in before ? before.low : 0;
    // A capacity that could not be measured may be anything.
    const most = after.state === 'none' ? 0 : 'high' in after ? after.high : Number.POSITIVE_INFINITY;
    return least > 0 && most < (1 - allow) * least ? 'regression' : 'not shown';
  }
  if (ratio.high < 1 - allow) return 'regression';
  if (ratio.low > 1) return 'improvement';
  return ratio.low >= 1 - allow ? 'no regression' : 'not shown';
}

function estimateRatio(before: ComparedCell, after: ComparedCell): ChangedCell['ratio'] {
  const [was, is] = [before.capacity, after.capacity];
  if (was.state !== 'bracketed' || is.state !== 'bracketed') return undefined;
  const isByBlocks = was.interval === '95 %' && is.interval === '95 %';
  if (!isByBlocks) return { ...quotient(is, was), method: 'intervals' };
  const estimate = Math.log(is.estimate / was.estimate);
  const [first, second] = [before, after].map(({ capacityByBlock }) => Object.values(capacityByBlock).map(Math.log));
  const half = Math.hypot(welchHalfWidth(first ?? [], second ?? []), ...[before, after].map(sharedHalfWidth));
  return { ...exponential({ estimate, low: estimate - half, high: estimate + half }), method: 'blocks' };
}

/** The part of a capacity's interval that the differences between its blocks do not show, as a logarithm. */
function sharedHalfWidth({ capacity, capacityByBlock }: ComparedCell): number {
  const values = Object.values(capacityByBlock);
  if (capacity.state !== 'bracketed' || values.length < LEAST_BLOCKS) return 0;
  const between = geometricInterval(values);
  const [whole, own] = [Math.log(capacity.high / capacity.estimate), Math.log(between.high / between.estimate)];
  return Math.sqrt(Math.max(0, whole ** 2 - own ** 2));
}

/** Why two runs cannot be compared. */
function* findRefusals(runs: TwoRuns): Generator<string> {
  const { before, after } = runs;
  if ((before.runtime === 'simulated') !== (after.runtime === 'simulated')) {
    const [one, other] = before.runtime === 'simulated' ? ['first', 'second'] : ['second', 'first'];
    yield `The ${one} run is simulated and the ${other} is measured: compare two of a kind.`;
  }
  const [was, is] = [before.experiment.objective, after.experiment.objective];
  for (const key of ['quantile', 'responseTime', 'errorFraction'] as const) {
    if (was[key] !== is[key]) {
      yield `Their objectives differ (${key} is ${was[key]} in the first run and ${is[key]} in the second): capacities are comparable only at the same objective.`;
    }
  }
  const [workloads, others] = [before, after].map(
    ({ experiment }) => new Map(experiment.cells.map(({ workload }) => [workload.name, workload])),
  );
  for (const [name, workload] of workloads ?? []) {
    const other = others?.get(name);
    if (other !== undefined && !isSameWork(workload, other, runs)) {
      const [first, second] = [describeWork(workload, before), describeWork(other, after)];
      yield `The workload ${name} asks for ${first} in the first run and for ${second} in the second.`;
    }
  }
  if (commonCells(runs).length === 0) {
    const [first, second] = [before, after].map(({ experiment }) => experiment.cells.map(cellName).join(', '));
    yield `They have no cell in common. The first has ${first}; the second has ${second}.`;
  }
}

/** `9 × item {"id":1}`. */
function describeWork({ requests }: Workload, { environment }: Results): string {
  const perUnit = environment.cpuSecondsPerUnit;
  const described = requests.map(({ weight, route, parameters }) => {
    const isTimed = parameters.units !== undefined && typeof perUnit === 'number';
    const time = isTimed ? ` (${rounded((parameters.units ?? 0) * perUnit * 1000)} ms of CPU)` : '';
    return `${weight} × ${route} ${JSON.stringify(parameters)}${time}`;
  });
  return described.join(', ');
}

/** Largest ratio of times of the same CPU work: units are whole, and each run times them again. */
const SAME_WORK = 1.05;

/** Whether two workloads are equal, but for units of CPU work that take as long on the machine of each run. */
function isSameWork(one: Workload, other: Workload, { before, after }: TwoRuns): boolean {
  const withoutUnits = ({ requests }: Workload) =>
    JSON.stringify(requests.map(({ parameters: { units: _, ...rest }, ...request }) => ({ ...request, rest })));
  if (withoutUnits(one) !== withoutUnits(other)) return false;
  const [was, is] = [before, after].map(({ environment }) => Number(environment.cpuSecondsPerUnit ?? 1));
  return one.requests.every(({ parameters }, index) => {
    const old = (parameters.units ?? 0) * (was ?? 1);
    const now = (other.requests[index]?.parameters.units ?? 0) * (is ?? 1);
    return old === now || Math.abs(Math.log(now / old)) <= Math.log(SAME_WORK);
  });
}

/** What differs between two runs that are compared all the same. */
function listNotes({ before, after }: TwoRuns): string[] {
  const [was, is] = [before, after].map(listFacts);
  const keys = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])];
  const changes = keys.flatMap(key => {
    const [old, now] = [was?.[key], is?.[key]];
    return old === now ? [] : [`${key}: ${old ?? 'not recorded'} → ${now ?? 'not recorded'}`];
  });
  const common = new Set(commonCells({ before, after }).map(cellName));
  const onlyIn = Object.entries({ first: before, second: after }).flatMap(([which, { experiment }]) => {
    const names = experiment.cells.map(cellName).filter(name => !common.has(name));
    return names.length === 0 ? [] : [`only in the ${which} run: ${names.join(', ')}`];
  });
  return [...changes, ...onlyIn];
}

function listFacts({ experiment, runtime, environment }: Results): Record<string, string> {
  const { name, seed, cpus, budget, blocks, noise, phases } = experiment;
  const asked = { experiment: name, runtime, seed, 'CPUs of the experiment': cpus, budget, blocks, noise, phases };
  return flatten({ ...asked, ...environment });
}

/** `{ nginx: { version: '1' } }` as `{ 'nginx version': '1' }`. */
function flatten(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const name = prefix === '' ? key : `${prefix} ${key}`;
      if (typeof inner === 'object' && inner !== null) return Object.entries(flatten(inner, name));
      return [[name, String(inner)]];
    }),
  );
}
