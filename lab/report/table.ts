import Table from 'cli-table3';
import type { Comparison } from '../analysis/comparison.ts';
import { byWorkload, columns, headlineOf, stopOf } from './rows.ts';

/** The comparison for a terminal: for each workload what carries most, a table, and what stopped each deployment. */
export function tableOf(comparison: Comparison): string {
  const sections = byWorkload(comparison).map(([workload, cells]) => {
    const table = new Table({
      head: columns.map(({ header }) => header.join('\n')),
      colAligns: columns.map(({ numeric }) => (numeric ? 'right' : 'left')),
      // Without colours, so that it reads the same in a file; the least room that keeps columns apart.
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
      chars: rules,
    });
    table.push(...cells.map(cell => columns.map(({ show }) => show(cell))));
    const lines = table
      .toString()
      .split('\n')
      .map(line => line.trimEnd());
    return [headlineOf(workload, cells, comparison), '', ...lines, '', ...cells.map(cell => `  ${stopOf(cell)}`)].join(
      '\n',
    );
  });
  const warnings = comparison.warnings.map(({ message }) => `! ${message}`);
  return [...sections, ...(warnings.length > 0 ? [warnings.join('\n')] : [])].join('\n\n');
}

/** One rule under the header; columns are kept apart by spaces. */
const rules = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '──',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;
