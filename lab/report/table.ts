import Table from 'cli-table3';
import type { ComparedCell, Comparison } from '../analysis/comparison.ts';
import { byWorkload, labelOf, measures } from './measures.ts';
import { headlineOf, shownObjective, stopOf } from './sentences.ts';

/** The comparison for a terminal: what carries most, then for each workload its figures and what stopped each deployment. */
export function tableOf(comparison: Comparison): string {
  const workloads = byWorkload(comparison);
  const headlines = workloads.map(([workload, cells]) => headlineOf(workload, cells));
  const sections = workloads.map(([workload, cells]) => {
    const stops = cells.map(cell => `  ${stopOf(cell, cells)}`);
    return [...figuresOf(workload, cells), '', 'What stopped it:', ...stops].join('\n');
  });
  const warnings = comparison.warnings.map(({ message }) => `! ${message}`).join('\n');
  return [`At ${shownObjective(comparison)}:\n${headlines.join('\n')}`, ...sections, warnings].join('\n\n').trimEnd();
}

/** A deployment a column: six of them still fit beside each other. */
function figuresOf(workload: string, cells: readonly ComparedCell[]): string[] {
  const table = new Table({
    head: [workload, ...cells.map(cell => labelOf(cell, cells))],
    colAligns: ['left', ...cells.map(() => 'right' as const)],
    // Without colours and frames it reads the same in a terminal, a file and a mail.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    chars: ruleUnderHead,
  });
  table.push(...measures.map(({ label, show }) => [label, ...cells.map(show)]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd());
}

const ruleUnderHead = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
  ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
};
