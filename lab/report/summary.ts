import type { Comparison } from '../analysis/comparison.ts';
import { byWorkload, columns, headlineOf, stopOf } from './rows.ts';

/** The comparison in Markdown, for `summary.md`. */
export function summaryOf(comparison: Comparison): string {
  const { experiment, runtime, seed, warnings } = comparison;
  const sections = byWorkload(comparison).flatMap(([workload, cells]) => [
    `## ${workload}`,
    headlineOf(workload, cells, comparison),
    [
      row(columns.map(({ header }) => header.join(' ').replace('- ', ''))),
      row(columns.map(({ numeric }) => (numeric ? '---:' : ':---'))),
      ...cells.map(cell => row(columns.map(({ show }) => show(cell)))),
    ].join('\n'),
    cells.map(cell => `- ${stopOf(cell)}`).join('\n'),
  ]);
  const notes =
    warnings.length === 0
      ? []
      : ['## To know before believing it', warnings.map(({ message }) => `- ${message}`).join('\n')];
  return `${[`# Comparison ${experiment}`, `Runtime ${runtime}, seed ${seed}.`, ...sections, ...notes].join('\n\n')}\n`;
}

/** A bar would end its column. */
function row(values: readonly string[]): string {
  return `| ${values.map(value => value.replaceAll('|', '\\|')).join(' | ')} |`;
}
