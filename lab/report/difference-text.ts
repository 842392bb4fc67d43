import { components } from '../../model/measurement.ts';
import { milliseconds, percent, rounded, shownNumber } from '../../model/quantities.ts';
import type { ComparedCell } from '../compare/comparison.ts';
import type { ChangedCell, Difference } from '../compare/difference.ts';
import { shownCapacity, shownInterval } from './answer.ts';
import { shownFactor } from './ratio-text.ts';
import { renderTextTable } from './text-table.ts';

const methods = {
  blocks: '95 % intervals from the differences between blocks: two samples, Welch’s t on the log scale.',
  intervals: '95 % intervals from those of both capacities, on the log scale, as independent errors.',
};

/** Two runs side by side, for a terminal. */
export function renderDifference({ cells, notes, allow }: Extract<Difference, { state: 'compared' }>): string {
  const used = new Set(cells.flatMap(({ ratio }) => ratio?.method ?? []));
  return [
    renderTextTable(
      ['cell', 'capacity before', 'after', 'after ÷ before', `${percent(allow)} allowed`],
      cells.map(({ cell, before, after, ratio, change }) => [
        ...[cell, shown(before), shown(after)],
        ratio === undefined ? 'a capacity is not known' : shownFactor(ratio),
        change,
      ]),
    ),
    [...used].map(method => methods[method]).join('\n'),
    `Not judged, without intervals:\n${renderFurther(cells)}`,
    notes.length === 0 ? '' : `Other differences:\n${notes.map(note => `  ${note}`).join('\n')}`,
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

function shown(cell: ComparedCell): string {
  return cell.capacity.state === 'bracketed' ? `${shownCapacity(cell)} [${shownInterval(cell)}]` : shownCapacity(cell);
}

function renderFurther(cells: readonly ChangedCell[]): string {
  const change = ({ before, after }: ChangedCell, read: (cell: ComparedCell) => number | undefined, show = rounded) =>
    [before, after]
      .map(read)
      .map(value => (value === undefined ? '–' : show(value)))
      .join(' → ');
  return renderTextTable(
    ['cell', 'load (1/s)', 'p50 (ms)', 'p99 (ms)', 'CPU a request (ms)', 'workers’ memory (MB)'],
    cells.map(one => [
      one.cell,
      change(one, ({ responseTime }) => responseTime?.arrivalRate, shownNumber),
      change(one, ({ responseTime }) => responseTime?.p50, milliseconds),
      change(one, ({ responseTime }) => responseTime?.p99, milliseconds),
      change(one, sumServiceDemand, milliseconds),
      change(one, ({ memory }) => (memory ? memory.workers / 1e6 : undefined)),
    ]),
  );
}

/** CPU seconds per request of the service, without k6. */
function sumServiceDemand({ serviceDemand }: ComparedCell): number | undefined {
  if (serviceDemand === null) return undefined;
  return components.reduce((sum, component) => sum + (component === 'k6' ? 0 : serviceDemand[component]), 0);
}
