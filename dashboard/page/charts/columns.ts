import type { DeploymentId, Second } from '../../protocol.ts';
import type { ChartDefinition, Measure } from './definitions.ts';

/** A line of a chart: of which deployment, or of the whole machine. */
export interface Line {
  readonly id?: DeploymentId;
  readonly measure: Measure;
}

/** A chart's values: the moments, then for each line a value or `null` at each of them. */
export type Columns = [times: number[], ...values: (number | null)[][]];

/** Points further apart than this many seconds are not joined: nothing is known of what was between them. */
const GAP = 2.5;

/** Those of these deployments that are on the stage, or that something is known of. */
export function deploymentsIn(
  seconds: readonly Second[],
  staged: readonly DeploymentId[],
  onStage: readonly DeploymentId[],
): DeploymentId[] {
  return staged.filter(id => onStage.includes(id) || seconds.some(({ deployments }) => deployments[id] !== undefined));
}

/** The lines of a chart with these deployments. */
export function linesOf({ measures, machine }: ChartDefinition, deployments: readonly DeploymentId[]): Line[] {
  const lines: Line[] = deployments.flatMap(id => measures.map(measure => ({ id, measure })));
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
export function valueAt(second: Second, { id, measure }: Line): number | undefined {
  if (id === undefined) return second.cpu;
  const of = second.deployments[id];
  return of && measure.of(of);
}
