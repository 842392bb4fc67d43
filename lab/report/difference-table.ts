import Table from 'cli-table3';
import { components } from '../../model/measurement.ts';
import { milliseconds, percent, rounded } from '../../model/quantities.ts';
import type { ComparedCell } from '../compare/comparison.ts';
import type { ChangedCell, Difference } from '../compare/difference.ts';
import { shownCapacity, shownInterval } from './measures.ts';
import { shownFactor } from './ratios.ts';
import { plainTable } from './table.ts';

/** Two runs beside each other, for a terminal. */
export function differenceTableOf(difference: Extract<Difference, { state: 'compared' }>): string {
  const { cells, notes, allow } = difference;
  const table = new Table(
    plainTable(['cell', 'capacity before', 'after', 'after ÷ before', `${percent(allow)} allowed`]),
  );
  table.push(...cells.map(one => [one.cell, shown(one.before), shown(one.after), ratioOf(one), one.change]));
  const methods = new Set(cells.flatMap(({ ratio }) => ratio?.method ?? []));
  return [
    trimmed(table),
    [...methods].map(method => explained[method]).join('\n'),
    `Beside it, with no interval and not judged:\n${trimmed(besideIt(cells))}`,
    notes.length === 0 ? '' : `What else differs:\n${notes.map(note => `  ${note}`).join('\n')}`,
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

const explained = {
  blocks: 'Intervals of 95 % by the differences between blocks: two samples, Welch’s t on the log scale.',
  intervals: 'Intervals of 95 % from those of both capacities on the log scale, their errors independent.',
};

/** A ratio, or why there is none. */
function ratioOf({ ratio }: ChangedCell): string {
  return ratio === undefined ? 'a capacity is not known' : shownFactor(ratio);
}

function shown(cell: ComparedCell): string {
  return cell.capacity.state === 'bracketed' ? `${shownCapacity(cell)} [${shownInterval(cell)}]` : shownCapacity(cell);
}

function besideIt(cells: readonly ChangedCell[]): Table.Table {
  const table = new Table(
    plainTable(['cell', 'load (1/s)', 'p50 (ms)', 'p99 (ms)', 'CPU a request (ms)', 'workers’ memory (MB)']),
  );
  const change = (one: ChangedCell, figureOf: (cell: ComparedCell) => number | undefined, show = rounded) =>
    [one.before, one.after].map(cell => shownValue(figureOf(cell), show)).join(' → ');
  table.push(
    ...cells.map(one => [
      one.cell,
      change(one, ({ responseTime }) => responseTime?.arrivalRate),
      change(one, ({ responseTime }) => responseTime?.p50, milliseconds),
      change(one, ({ responseTime }) => responseTime?.p99, milliseconds),
      change(one, demandOf, milliseconds),
      change(one, ({ memory }) => (memory ? memory.workers / 1e6 : undefined)),
    ]),
  );
  return table;
}

/** CPU seconds of a request in the service itself: k6's is no part of it. */
function demandOf({ serviceDemand }: ComparedCell): number | undefined {
  if (serviceDemand === null) return undefined;
  return components.reduce((sum, component) => sum + (component === 'k6' ? 0 : serviceDemand[component]), 0);
}

function shownValue(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? '–' : show(value);
}

function trimmed(table: Table.Table): string {
  return table.toString().replace(/ +$/gm, '');
}
