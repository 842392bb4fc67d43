import type { Capacity } from '../analysis/capacity.ts';
import type { ComparedCell, Comparison } from '../analysis/comparison.ts';
import { milliseconds, rounded } from '../analysis/numbers.ts';
import { type Component, components } from '../experiment/trial-result.ts';

/** A column of the comparison: its header over up to three lines, with its unit, and what a cell shows in it. */
interface Column {
  readonly header: readonly string[];
  readonly numeric: boolean;
  readonly show: (cell: ComparedCell) => string;
}

/** The columns of a comparison, in the order in which every report shows them. */
export const columns: readonly Column[] = [
  { header: ['deployment'], numeric: false, show: ({ deployment }) => deployment.topology },
  { header: ['workers'], numeric: true, show: ({ workers }) => String(workers) },
  {
    header: ['database', 'connec-', 'tions'],
    numeric: true,
    show: ({ deployment }) => String(deployment.databaseConnections),
  },
  { header: ['capacity', '1/s', '(bracket)'], numeric: true, show: ({ capacity }) => shownCapacity(capacity) },
  {
    header: ['response', 'at half', 'p50 ms'],
    numeric: true,
    show: ({ responseTime }) => inMilliseconds(responseTime?.p50),
  },
  { header: ['p99', 'ms'], numeric: true, show: ({ responseTime }) => inMilliseconds(responseTime?.p99) },
  ...components.map(demandColumn),
  {
    header: ['memory', 'of the', 'workers', 'MB'],
    numeric: true,
    show: ({ memory }) => (memory === null ? NOTHING : rounded(memory.workers / 1e6)),
  },
];

/** A cell of a table with nothing to show. */
const NOTHING = '–';

/** The comparison's workloads, each with its cells, in the experiment's order. */
export function byWorkload({ cells }: Comparison): [workload: string, cells: readonly ComparedCell[]][] {
  return [...Map.groupBy(cells, ({ workload }) => workload)];
}

/** What carries most of a workload, and how much: the first thing that a reader wants to know. */
export function headlineOf(workload: string, cells: readonly ComparedCell[], comparison: Comparison): string {
  const { quantile, responseTime, errorFraction } = comparison.objective;
  const objective = `p${rounded(quantile * 100)} ≤ ${milliseconds(responseTime)} ms, errors ≤ ${rounded(errorFraction * 100)} %`;
  const ranked = cells
    .flatMap(cell => {
      const carried = carriedBy(cell.capacity);
      return carried === undefined ? [] : [{ cell, carried }];
    })
    .sort((a, b) => b.carried - a.carried);
  const [most, ...others] = ranked;
  if (most === undefined) return `${workload}: no deployment was found to carry it (${objective}).`;
  const { capacity } = most.cell;
  const figure =
    capacity.state === 'bracketed'
      ? `about ${rounded(most.carried)}/s (${shownBracket(capacity)})`
      : `at least ${rounded(most.carried)}/s`;
  // Brackets that overlap do not tell which is larger.
  const equals = others
    .filter(({ cell }) => upperEnd(cell.capacity) > lowerEnd(capacity))
    .map(({ cell }) => cell.deployment.topology);
  const beside = equals.length === 0 ? '' : `; no difference to ${equals.join(' or ')} was shown`;
  return `${workload}: ${most.cell.deployment.topology} carries most, ${figure}${beside} (${objective}).`;
}

/** What stopped a cell, in one sentence that begins with its name. */
export function stopOf({ deployment: { topology }, capacity, bottleneck }: ComparedCell): string {
  const why = bottleneck === null ? '' : `: ${bottleneck.sentence}`;
  switch (capacity.state) {
    case 'bracketed':
      return `${topology}${why}`;
    case 'at-least':
      return `${topology}: its limit was not reached (${limits[capacity.limitedBy]})${bottleneck === null ? '' : `; ${bottleneck.sentence}`}`;
    case 'none':
      return `${topology}: the objective is missed even at the lowest load${bottleneck === null ? '' : `; ${bottleneck.sentence}`}`;
    case 'unmeasured':
      return `${topology}: not measured: ${capacity.reason}`;
  }
}

const limits = {
  generator: 'k6 gave out first',
  machine: 'the machine was disturbed',
  budget: 'the time was used up',
  trials: 'the search ended before',
} as const;

function demandColumn(component: Component, index: number): Column {
  const header = index === 0 ? ['CPU ms per', 'request', component] : [component];
  return { header, numeric: true, show: ({ serviceDemand }) => inMilliseconds(serviceDemand?.[component]) };
}

function inMilliseconds(seconds: number | undefined): string {
  return seconds === undefined || !Number.isFinite(seconds) ? NOTHING : milliseconds(seconds);
}

function shownCapacity(capacity: Capacity): string {
  switch (capacity.state) {
    case 'bracketed':
      return `${rounded(capacity.estimate)} (${shownBracket(capacity)})`;
    case 'at-least':
      return `≥ ${rounded(capacity.low)}`;
    case 'none':
      return 'none';
    case 'unmeasured':
      return NOTHING;
  }
}

function shownBracket({ low, high }: { low: number; high: number }): string {
  return `${rounded(low)}..${rounded(high)}`;
}

function carriedBy(capacity: Capacity): number | undefined {
  if (capacity.state === 'bracketed') return capacity.estimate;
  return capacity.state === 'at-least' ? capacity.low : undefined;
}

function lowerEnd(capacity: Capacity): number {
  return capacity.state === 'bracketed' || capacity.state === 'at-least' ? capacity.low : 0;
}

function upperEnd(capacity: Capacity): number {
  if (capacity.state === 'bracketed') return capacity.high;
  return capacity.state === 'at-least' ? Number.POSITIVE_INFINITY : 0;
}
