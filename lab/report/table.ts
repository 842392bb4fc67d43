import Table, { type TableConstructorOptions } from 'cli-table3';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import { answerOf } from './comparison-answer.ts';
import { loadColumns, loadRows } from './loads.ts';
import { byWorkload, labelOf, measuresOf } from './measures.ts';
import { ratioLines } from './ratios.ts';
import { shownObjective, stopOf } from './sentences.ts';

/** The comparison for a terminal: what carries most, then for each workload its figures and what stopped each deployment. */
export function tableOf(comparison: Comparison): string {
  const workloads = byWorkload(comparison);
  const headlines = workloads.map(
    ([workload, cells]) => `${workload}: ${answerOf(workload, cells, comparison).sentence}`,
  );
  const sections = workloads.map(([workload, cells]) => {
    const stops = cells.map(cell => `  ${stopOf(cell, cells)}`);
    const ratios = ratioLines(workload, comparison.ratios).map(line => `  ${line}`);
    return [
      ...beside(cells).flatMap(some => [...figuresOf(workload, some, cells), '']),
      ...loadsPart(workload, comparison),
      ...(ratios.length === 0 ? [] : ['How many times as much:', ...ratios, '']),
      ...['What stopped it:', ...stops],
    ].join('\n');
  });
  const claims = comparison.claims.map(({ id, claim, verdict, sentence, instead }) =>
    [`${id} ${verdict}: ${claim}`, sentence, ...(instead === undefined ? [] : [instead])].join('\n   '),
  );
  const warnings = comparison.warnings.map(({ message }) => `! ${message}`).join('\n');
  const simulated = comparison.runtime === 'simulated' ? 'Simulated: nothing was measured.\n' : '';
  return [
    `${simulated}At ${shownObjective(comparison)}:\n${headlines.join('\n')}`,
    ...sections,
    claims.join('\n'),
    warnings,
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

function loadsPart(workload: string, { loads }: Comparison): string[] {
  const rows = loadRows(workload, loads);
  if (rows.length === 0) return [];
  const table = new Table(plainTable([...loadColumns]));
  table.push(...rows);
  return [
    'Loads that were asked for:',
    ...table
      .toString()
      .split('\n')
      .map(line => line.trimEnd()),
    '',
  ];
}

/** Six deployments still fit beside each other; of more, with their longer names, as many as fit go together. */
function beside(cells: readonly ComparedCell[]): (readonly ComparedCell[])[] {
  if (cells.length <= 6) return [cells];
  return Array.from({ length: Math.ceil(cells.length / 3) }, (_, index) => cells.slice(index * 3, index * 3 + 3));
}

/** A deployment a column. */
function figuresOf(workload: string, cells: readonly ComparedCell[], all: readonly ComparedCell[]): string[] {
  const table = new Table(plainTable([workload, ...cells.map(cell => labelOf(cell, all))]));
  table.push(...measuresOf(all).map(({ label, show }) => [label, ...cells.map(show)]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd());
}

/** Options of a table with such a head: without colours and frames it reads the same in a terminal, a file and a mail. */
export function plainTable(head: string[]): TableConstructorOptions {
  return {
    head,
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    chars: ruleUnderHead,
  };
}

const ruleUnderHead = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
  ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
};
