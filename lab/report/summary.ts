import type { Comparison } from '../analysis/comparison.ts';
import { answerOf } from './answer.ts';
import { byWorkload, labelOf, measures } from './measures.ts';
import { ratioLines } from './ratios.ts';
import { shownObjective, stopOf } from './sentences.ts';

/** The comparison in Markdown, for `summary.md`. */
export function summaryOf(comparison: Comparison): string {
  const { experiment, runtime, seed, warnings } = comparison;
  const workloads = byWorkload(comparison);
  return `${[
    `# Comparison ${experiment}`,
    `Objective: ${shownObjective(comparison)}. Runtime ${runtime}, seed ${seed}.`,
    listOf(workloads.map(([workload, cells]) => `${workload}: ${answerOf(workload, cells, comparison).sentence}`)),
    ...workloads.flatMap(([workload, cells]) => [
      `## ${workload}`,
      [
        row([workload, ...cells.map(cell => labelOf(cell, cells))]),
        row([':---', ...cells.map(() => '---:')]),
        ...measures.map(({ label, show }) => row([label.replace(/^ +/, '… '), ...cells.map(show)])),
      ].join('\n'),
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

function claimsPart({ claims }: Comparison): string[] {
  if (claims.length === 0) return [];
  const rows = claims.map(({ id, claim, verdict, sentence }) => row([id, claim, verdict, sentence]));
  return [
    '## Claims',
    [row(['', 'claim', 'verdict', 'why']), row([':---', ':---', ':---', ':---']), ...rows].join('\n'),
  ];
}

function listOf(sentences: readonly string[]): string {
  return sentences.map(sentence => `- ${plain(sentence)}`).join('\n');
}

function row(values: readonly string[]): string {
  return `| ${values.map(plain).join(' | ')} |`;
}

/** A bar would end its column, and what looks like markup would become it. */
function plain(text: string): string {
  return text.replace(/[|<\\`]/g, '\\$&').replaceAll('\n', ' ');
}
