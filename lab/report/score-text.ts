import Table from 'cli-table3';
import { counted, milliseconds, percentTo, rounded } from '../../model/quantities.ts';
import type { FigureScore } from '../plan/fitted-model.ts';
import type { RunScore, ScoredFigure, SizeQuestion } from '../plan/score.ts';
import { plainTable } from './table.ts';

/** The score of a model for a terminal: every figure that was predicted beside what was measured, and what they come to. */
export function scoreText({ summary, figures, questions }: RunScore): string {
  const { by, fittedTo, predicted } = summary;
  const how =
    by === 'held out'
      ? `The model was fitted to ${fittedTo.join(', ')}, and held against ${predicted.length} that it had not seen.`
      : `The run holds no cells out, so each was predicted by a model that was fitted to all others: what is alike among them is known to it.`;
  return [
    how,
    tableOf(figures),
    ['Errors, and what of them lies beyond both 95 % intervals together:', ...summary.figures.map(sentenceOf)].join(
      '\n',
    ),
    questions.length === 0 ? '' : questionsText(questions),
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

/** `capacity: median 2.1 %, most 7.3 %; beyond the intervals median 0 %, most 1.2 % (8 predictions)` */
export function sentenceOf({ figure, predictions, plain, beyond }: FigureScore): string {
  return `  ${figure}: median ${percentTo(plain.median, 1)}, most ${percentTo(plain.most, 1)}; beyond the intervals median ${percentTo(beyond.median, 1)}, most ${percentTo(beyond.most, 1)} (${counted(predictions, 'prediction')})`;
}

function tableOf(figures: readonly ScoredFigure[]): string {
  const table = new Table(plainTable(['cell', 'figure', 'predicted', 'measured', 'error', 'beyond']));
  for (const figure of figures) {
    const { cell, predicted, measured, error, beyond } = figure;
    table.push([
      cell,
      nameOf(figure),
      shown(figure, predicted),
      shown(figure, measured),
      signed(error),
      percentTo(beyond, 1),
    ]);
  }
  return trimmed(table);
}

function nameOf({ figure, arrivalRate }: ScoredFigure): string {
  return arrivalRate === undefined ? figure : `${figure} at ${rounded(arrivalRate)}/s`;
}

function shown({ figure }: ScoredFigure, { estimate, low, high }: ScoredFigure['predicted']): string {
  if (figure === 'p99') return `${milliseconds(estimate)} ms [${milliseconds(low)}, ${milliseconds(high)}]`;
  return `${rounded(estimate)}/s [${rounded(low)}, ${rounded(high)}]`;
}

function signed(error: number): string {
  return `${error < 0 ? '−' : '+'}${percentTo(Math.abs(error), 1)}`;
}

function questionsText(questions: readonly SizeQuestion[]): string {
  const table = new Table(plainTable(['workload', 'arrivals', 'smallest that carries it, predicted', 'measured', '']));
  for (const { workload, arrivalRate, predicted, measured, right } of questions) {
    table.push([workload, `${rounded(arrivalRate)}/s`, predicted, measured, right ? 'right' : 'wrong']);
  }
  const right = questions.filter(question => question.right).length;
  return `How many workers? Asked at loads outside of the capacities' intervals: ${right} of ${questions.length} right.\n${trimmed(table)}`;
}

function trimmed(table: Table.Table): string {
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}
