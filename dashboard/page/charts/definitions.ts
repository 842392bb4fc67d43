import { resourceNames } from '../../../model/measurement.ts';
import { shownBytes, shownCount, shownRate, shownTime, wholePercent } from '../../../model/quantities.ts';
import { type DeploymentId, type DeploymentSecond, OBJECTIVE, type Second } from '../../protocol.ts';
import type { ExplainedWord } from '../explanations.tsx';

/** Every chart, in the order in which the page shows them. */
export const chartNames = [
  'load',
  'response-time',
  'in-progress',
  'workers',
  'cpus',
  'database-connections',
  'memory',
] as const;

/** A chart by its name, as the page's URL has it. */
export type ChartName = (typeof chartNames)[number];

/** One line of a chart for each deployment. */
export interface Measure {
  readonly name: string;
  /** In a table, where no title stands above it. */
  readonly inTable?: string;
  readonly of: (second: DeploymentSecond) => number | undefined;
  /** Of two lines of a deployment the one that matters is thicker. */
  readonly thin?: boolean;
}

export interface ChartDefinition {
  readonly name: ChartName;
  readonly title: string;
  readonly word: ExplainedWord;
  /** A second word that needs to be explained beside the title. */
  readonly also?: { readonly name: string; readonly word: ExplainedWord };
  readonly measures: readonly Measure[];
  readonly scale: 'linear' | 'fraction' | 'logarithm';
  readonly shown: (value: number) => string;
  /** Whether the whole machine has a line of its own. */
  readonly machine?: boolean;
}

const definitions: Readonly<Record<ChartName, Omit<ChartDefinition, 'name'>>> = {
  load: {
    title: 'Throughput',
    word: 'throughput',
    also: { name: 'and offered load', word: 'offered load' },
    measures: [
      { name: 'throughput', inTable: 'Throughput', of: second => second.throughput },
      { name: 'offered', inTable: 'Offered load', of: second => second.offeredLoad, thin: true },
    ],
    scale: 'linear',
    shown: shownRate,
  },
  'response-time': {
    title: 'Response time',
    word: 'response time',
    also: { name: `objective ${shownTime(OBJECTIVE)}`, word: 'objective' },
    measures: [
      { name: 'p99', inTable: 'Response time p99', of: second => second.p99 },
      { name: 'p50', inTable: 'Response time p50', of: second => second.p50, thin: true },
    ],
    scale: 'logarithm',
    shown: shownTime,
  },
  'in-progress': {
    title: 'Requests in progress',
    word: 'requests in progress',
    measures: [{ name: 'in progress', of: second => second.inProgress }],
    scale: 'linear',
    shown: shownCount,
  },
  workers: {
    title: 'Workers busy',
    word: 'utilisation of workers',
    measures: [{ name: resourceNames.workers.short, of: second => second.utilisation.workers }],
    scale: 'fraction',
    shown: wholePercent,
  },
  cpus: {
    title: 'CPUs busy',
    word: 'utilisation of CPUs',
    measures: [{ name: resourceNames.cpu.short, of: second => second.utilisation.cpu }],
    scale: 'fraction',
    shown: wholePercent,
    machine: true,
  },
  'database-connections': {
    title: 'Database connections in use',
    word: 'utilisation of database connections',
    measures: [
      { name: resourceNames['database-connections'].short, of: second => second.utilisation.databaseConnections },
    ],
    scale: 'fraction',
    shown: wholePercent,
  },
  memory: {
    title: 'Memory',
    word: 'memory',
    measures: [{ name: 'memory', of: second => second.memory }],
    scale: 'linear',
    shown: shownBytes,
  },
};

/** Every chart, in the order in which the page shows them. */
export const charts: readonly ChartDefinition[] = chartNames.map(name => ({ name, ...definitions[name] }));

/** A line of a chart: of which deployment, or of the whole machine. */
interface ChartLine {
  readonly id?: DeploymentId;
  readonly measure: Measure;
}

/** Those of these deployments that are on the stage, or that something is known of. */
export function deploymentsIn(
  seconds: readonly Second[],
  staged: readonly DeploymentId[],
  onStage: readonly DeploymentId[],
): DeploymentId[] {
  return staged.filter(id => onStage.includes(id) || seconds.some(({ deployments }) => deployments[id] !== undefined));
}

const machineMeasure: Measure = { name: 'the whole machine', of: () => undefined, thin: true };

/** The lines of a chart with these deployments. */
export function chartLines({ measures, machine }: ChartDefinition, deployments: readonly DeploymentId[]): ChartLine[] {
  const lines: ChartLine[] = deployments.flatMap(id => measures.map(measure => ({ id, measure })));
  return machine ? [{ measure: machineMeasure }, ...lines] : lines;
}

/** A line's value at one second; `undefined` where there was none. */
export function valueAt(second: Second, { id, measure }: ChartLine): number | undefined {
  if (id === undefined) return second.cpu;
  const of = second.deployments[id];
  return of && measure.of(of);
}

/** Points further apart than this many seconds are not joined: nothing is known of what was between them. */
const GAP = 2.5;

/** What a line is drawn through: moments in seconds since 1970, each with a value, or null where the line is broken. */
export function listPoints(seconds: readonly Second[], line: ChartLine): [time: number, value: number | null][] {
  return seconds.flatMap((second, index) => {
    const before = seconds[index - 1]?.time ?? second.time;
    const point: [number, number | null] = [second.time, valueAt(second, line) ?? null];
    return second.time - before > GAP ? [[before + GAP / 2, null], point] : [point];
  });
}
