import { type Deployment, deploymentName, type LimitedContainer, limitedContainers } from '../../model/deployment.ts';
import { components } from '../../model/measurement.ts';
import { milliseconds, rounded } from '../../model/quantities.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import { shownCpus } from '../explain/sentence.ts';

/** One line of a comparison: what it is, with its unit, and its figure for a cell. */
interface Measure {
  readonly label: string;
  readonly show: (cell: ComparedCell) => string;
}

/** What stands where there is no figure. */
const NOTHING = '–';

/** What every report shows of each cell, in this order. */
const always: readonly Measure[] = [
  { label: 'capacity (1/s)', show: shownCapacity },
  { label: '  its interval (1/s)', show: shownInterval },
  { label: '  which is', show: intervalKind },
  { label: 'carried load nearest half (1/s)', show: ({ responseTime }) => shownLoad(responseTime?.arrivalRate) },
  { label: 'response time there, p50 (ms)', show: ({ responseTime }) => inMilliseconds(responseTime?.p50) },
  { label: '  p99 (ms)', show: ({ responseTime }) => inMilliseconds(responseTime?.p99) },
  ...components.map((component, index) => ({
    label: `${index === 0 ? 'CPU per request there, ' : '  '}${component} (ms)`,
    show: ({ serviceDemand }: ComparedCell) => inMilliseconds(serviceDemand?.[component]),
  })),
  { label: 'memory of the workers (MB)', show: ({ memory }) => (memory ? rounded(memory.workers / 1e6) : NOTHING) },
  { label: 'workers', show: ({ workers }) => String(workers) },
  { label: 'database connections', show: ({ deployment }) => String(deployment.databaseConnections) },
];

/** What a report shows of these cells; where any of their containers has limits, the limits too. */
export function measuresOf(cells: readonly ComparedCell[]): Measure[] {
  const limited = limitedContainers.filter(container =>
    cells.some(({ deployment }) => deployment.containers?.[container] !== undefined),
  );
  return [
    ...always,
    ...limited.map((container, index) => ({
      label: `${index === 0 ? 'limits of ' : '  '}${container}`,
      show: ({ deployment }: ComparedCell) => shownLimits(deployment, container),
    })),
  ];
}

/** The limits of a container of a deployment: `0.6 CPUs, CPUs 0-1, 400 MB`. */
export function shownLimits({ containers }: Deployment, container: LimitedContainer): string {
  const { cpus, cpuset, memory } = containers?.[container] ?? {};
  const limits = [
    cpus === undefined ? [] : [shownCpus(cpus)],
    cpuset === undefined ? [] : [`CPUs ${cpuset}`],
    memory === undefined ? [] : [`${memory / 1e6} MB`],
  ].flat();
  return limits.length === 0 ? NOTHING : limits.join(', ');
}

/** The comparison's workloads, each with its cells, in the experiment's order. */
export function byWorkload({ cells }: Comparison): [workload: string, cells: readonly ComparedCell[]][] {
  return [...Map.groupBy(cells, ({ workload }) => workload)];
}

/** What a cell is called among `cells` of one workload: its topology, with its numbers and limits where that is not enough. */
export function labelOf({ deployment }: ComparedCell, cells: readonly ComparedCell[]): string {
  const alike = cells.filter(cell => cell.deployment.topology === deployment.topology);
  return alike.length > 1 || deployment.containers || deployment.hidden
    ? deploymentName(deployment)
    : deployment.topology;
}

function shownLoad(arrivalRate: number | undefined): string {
  return arrivalRate === undefined ? NOTHING : rounded(arrivalRate);
}

function inMilliseconds(seconds: number | undefined): string {
  return seconds === undefined || !Number.isFinite(seconds) ? NOTHING : milliseconds(seconds);
}

/** The capacity of a cell, per second: `1310`, `≥ 1230`, `none`. */
export function shownCapacity({ capacity }: ComparedCell): string {
  switch (capacity.state) {
    case 'bracketed':
      return rounded(capacity.estimate);
    case 'at-least':
      return `≥ ${rounded(capacity.low)}`;
    case 'none':
      return 'none';
    case 'unmeasured':
      return NOTHING;
  }
}

/** Both ends of the capacity's interval, per second. */
export function shownInterval({ capacity }: ComparedCell): string {
  return capacity.state === 'bracketed' ? `${rounded(capacity.low)}..${rounded(capacity.high)}` : NOTHING;
}

/** What the capacity's interval is: `95 %` from the differences between blocks, `model`, or a mere `bracket`. */
export function intervalKind({ capacity }: ComparedCell): string {
  return capacity.state === 'bracketed' ? capacity.interval : NOTHING;
}
