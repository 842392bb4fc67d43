import { type TopologyName, topologyNames } from '../../../model/topology.ts';
import type { Second } from '../../protocol.ts';
import type { ChartDefinition, Measure } from './definitions.ts';

/** A line of a chart: of which topology, or of the whole machine. */
export interface Line {
  readonly topology?: TopologyName;
  readonly measure: Measure;
}

/** A chart's values: the moments, then for each line a value or `null` at each of them. */
export type Columns = [times: number[], ...values: (number | null)[][]];

/** Points further apart than this many seconds are not joined: nothing is known of what was between them. */
const GAP = 2.5;

/** The topologies that something is known of, in the order in which tables list them. */
export function topologiesIn(seconds: readonly Second[], onStage: readonly TopologyName[]): TopologyName[] {
  return topologyNames.filter(
    name => onStage.includes(name) || seconds.some(({ topologies }) => topologies[name] !== undefined),
  );
}

/** The lines of a chart with these topologies. */
export function linesOf({ measures, machine }: ChartDefinition, topologies: readonly TopologyName[]): Line[] {
  const lines: Line[] = topologies.flatMap(topology => measures.map(measure => ({ topology, measure })));
  return machine ? [{ measure: machineMeasure }, ...lines] : lines;
}

const machineMeasure: Measure = { name: 'the whole machine', of: () => undefined, thin: true };

/** What the lines are drawn through, the moments in seconds since 1970. */
export function columnsOf(seconds: readonly Second[], lines: readonly Line[]): Columns {
  const times: number[] = [];
  const values = lines.map((): (number | null)[] => []);
  for (const second of seconds) {
    const before = times.at(-1);
    if (before !== undefined && second.time - before > GAP) {
      times.push(before + GAP / 2);
      for (const column of values) column.push(null);
    }
    times.push(second.time);
    for (const [index, line] of lines.entries()) values[index]?.push(valueAt(second, line) ?? null);
  }
  return [times, ...values];
}

/** A line's value at one point of the charts; `undefined` where there was none. */
export function valueAt(second: Second, { topology, measure }: Line): number | undefined {
  if (topology === undefined) return second.cpu;
  const of = second.topologies[topology];
  return of && measure.of(of);
}
