import type { Comparison } from '../compare/comparison.ts';
import { claimsTable } from './claims.ts';
import { answerOf } from './comparison-answer.ts';
import { loadColumns, loadRows } from './loads.ts';
import { listOf, plain, row } from './markdown.ts';
import { byWorkload, labelOf, measuresOf } from './measures.ts';
import { ratioLines } from './ratios.ts';
import { shownObjective, stopOf } from './sentences.ts';

/** The comparison in Markdown, for `summary.md`. */
export function summaryOf(comparison: Comparison): string {
  const { experiment, runtime, seed, warnings } = comparison;
  const workloads = byWorkload(comparison);
  return `${[
    `# Comparison ${experiment}`,
    ...(runtime === 'simulated' ? ['**Simulated: every figure comes from a model; nothing was measured.**'] : []),
    `Objective: ${shownObjective(comparison)}. Runtime ${runtime}, seed ${seed}.`,
    listOf(workloads.map(([workload, cells]) => `${workload}: ${answerOf(workload, cells, comparison).sentence}`)),
    ...workloads.flatMap(([workload, cells]) => [
      `## ${plain(workload)}`,
      [
        row([workload, ...cells.map(cell => labelOf(cell, cells))]),
        row([':---', ...cells.map(() => '---:')]),
        ...measuresOf(cells).map(({ label, show }) => row([label.replace(/^ +/, '… '), ...cells.map(show)])),
      ].join('\n'),
      ...loadsPart(workload, comparison),
      ...ratiosPart(workload, comparison),
      'What stopped it:',
      listOf(cells.map(cell => stopOf(cell, cells))),
    ]),
    ...claimsPart(comparison),
    ...(warnings.length === 0 ? [] : ['## To know beforehand', listOf(warnings.map(({ message }) => message))]),
  ].join('\n\n')}\n`;
}

function ratiosPart(workload: string, { ratios }: Comparison): string[] {
  const lines = ratioLines(workload, ratios);
  return lines.length === 0 ? [] : ['How many times as much:', listOf(lines)];
}

function loadsPart(workload: string, { loads }: Comparison): string[] {
  const rows = loadRows(workload, loads);
  if (rows.length === 0) return [];
  return [
    'Loads that were asked for:',
    [row(loadColumns), row(loadColumns.map(() => '---')), ...rows.map(row)].join('\n'),
  ];
}

function claimsPart({ claims }: Comparison): string[] {
  return claims.length === 0 ? [] : ['## Claims', claimsTable(claims)];
}
