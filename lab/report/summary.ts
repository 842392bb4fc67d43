import type { Comparison } from '../analysis/comparison.ts';
import { byWorkload, labelOf, measures } from './measures.ts';
import { headlineOf, shownObjective, stopOf } from './sentences.ts';

/** The comparison in Markdown, for `summary.md`. */
export function summaryOf(comparison: Comparison): string {
  const { experiment, runtime, seed, warnings } = comparison;
  const workloads = byWorkload(comparison);
  return `${[
    `# Comparison ${experiment}`,
    `Objective: ${shownObjective(comparison)}. Runtime ${runtime}, seed ${seed}.`,
    listOf(workloads.map(([workload, cells]) => headlineOf(workload, cells))),
    ...workloads.flatMap(([workload, cells]) => [
      `## ${workload}`,
      [
        row([workload, ...cells.map(cell => labelOf(cell, cells))]),
        row([':---', ...cells.map(() => '---:')]),
        ...measures.map(({ label, show }) => row([label.replace(/^ +/, '… '), ...cells.map(show)])),
      ].join('\n'),
      'What stopped it:',
      listOf(cells.map(cell => stopOf(cell, cells))),
    ]),
    ...(warnings.length === 0 ? [] : ['## To know beforehand', listOf(warnings.map(({ message }) => message))]),
  ].join('\n\n')}\n`;
}

function listOf(sentences: readonly string[]): string {
  return sentences.map(sentence => `- ${sentence}`).join('\n');
}

/** A bar in a value would end its column. */
function row(values: readonly string[]): string {
  return `| ${values.map(value => value.replaceAll('|', '\\|')).join(' | ')} |`;
}
