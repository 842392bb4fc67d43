import { counted, milliseconds, percentTo, rounded, shownNumber } from '../../model/quantities.ts';
import type { FigureScore } from '../plan/fitted-model.ts';
import type { RunScore, ScoredFigure, SizeQuestion } from '../plan/score.ts';
import { renderTextTable } from './text-table.ts';

/** The score of a model, for a terminal: each predicted figure beside the measured one, and the errors. */
export function renderScore({ summary, figures, questions }: RunScore): string {
  const { by, fittedTo, predicted } = summary;
  const right = questions.filter(question => question.right).length;
  return [
    by === 'held out'
      ? `The model was fitted to ${fittedTo.join(', ')} and scored on ${counted(predicted.length, 'cell')} that it had not seen.`
      : 'The run holds out no cells, so each was predicted by a model that was fitted to all others. What they have in common is known to it.',
    renderTextTable(
      ['cell', 'figure', 'predicted', 'measured', 'error', 'beyond'],
      figures.map(figure => [
        figure.cell,
        nameFigure(figure),
        shownInterval(figure, figure.predicted),
        shownInterval(figure, figure.measured),
        `${figure.error < 0 ? '−' : '+'}${percentTo(Math.abs(figure.error), 1)}`,
        percentTo(figure.beyond, 1),
      ]),
    ),
    ['Errors, and the part beyond both 95 % intervals:', ...summary.figures.map(describeErrors)].join('\n'),
    questions.length === 0
      ? ''
      : `How many workers? ${right} of ${questions.length} right, at loads outside of the capacities’ intervals:\n${renderQuestions(questions)}`,
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

/** `capacity: median 2.1 %, most 7.3 %; beyond the intervals median 0 %, most 1.2 % (8 predictions)` */
function describeErrors({ figure, predictions, plain, beyond }: FigureScore): string {
  return `  ${figure}: median ${percentTo(plain.median, 1)}, most ${percentTo(plain.most, 1)}; beyond the intervals median ${percentTo(beyond.median, 1)}, most ${percentTo(beyond.most, 1)} (${counted(predictions, 'prediction')})`;
}

function nameFigure({ figure, arrivalRate }: ScoredFigure): string {
  return arrivalRate === undefined ? figure : `${figure} at ${rounded(arrivalRate)}/s`;
}

function shownInterval({ figure }: ScoredFigure, { estimate, low, high }: ScoredFigure['predicted']): string {
  if (figure === 'p99') return `${milliseconds(estimate)} ms [${milliseconds(low)}, ${milliseconds(high)}]`;
  return `${shownNumber(estimate)}/s [${shownNumber(low)}, ${shownNumber(high)}]`;
}

function renderQuestions(questions: readonly SizeQuestion[]): string {
  return renderTextTable(
    ['workload', 'arrivals', 'smallest that carries it, predicted', 'measured', ''],
    questions.map(({ workload, arrivalRate, predicted, measured, right }) => [
      ...[workload, `${shownNumber(arrivalRate)}/s`, predicted, measured, right ? 'right' : 'wrong'],
    ]),
  );
}
