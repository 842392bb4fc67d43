import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { cellName } from '../../../model/experiment.ts';
import { counted, type Fraction, milliseconds, percent, quantileName, rounded } from '../../../model/quantities.ts';
import type { Interval } from '../../../model/statistics.ts';
import type { FigureScore } from '../../plan/fitted-model.ts';
import type { RunScore, ScoredFigure } from '../../plan/score.ts';
import { shownCapacityOf } from '../curves.ts';
import { shownCapacity } from '../measures.ts';
import { type PredictedCell, type Predictions, scoredPart } from '../predictions.ts';
import type { Report, ReportedCell } from '../report.ts';
import { DataTable } from './data-table.ts';

interface Props {
  readonly report: Report;
  readonly predictions: Predictions;
  /** `undefined`: every cell was fitted. */
  readonly score: RunScore | undefined;
}

/** How good the model is here: its figures beside those that it was fitted to, and beside those that it was not. */
export function ScoreSection({ report, predictions, score }: Props): VNode {
  const { trials } = predictions.fitted.measured;
  const q = quantileName(report.experiment.objective.quantile);
  return html`<section>
    <h2 id="model">How good the model is here</h2>
    <p>The model that <code>./loadline plan</code> answers from was fitted to ${`${trials} trials`} of this run${' '}
      and is kept in <code>model.json</code>.${' '}
      ${
        score === undefined
          ? html`Here it was held against no cell that it had not seen: <code>./loadline plan --score</code> does that, and so does a run of <code>holdout</code>.`
          : 'What it says of cells that it had not seen comes first: only that shows how far a plan can be off.'
      }</p>
    ${report.comparison.runtime === 'simulated' && html`<p><strong>Simulated:</strong> what is called measured here comes from a simulation too, so this shows how well the model finds again what was put into it.</p>`}
    ${score !== undefined && html`<${HeldOutPart} ...${score} />`}
    <${InSample} report=${report} predictions=${predictions} />
    <p class="note">In-sample: the model was fitted to these very trials. Whether it can describe them is seen here, not how well it predicts others.
      ${` What is predicted comes from ${predictions.by === 'simulation' ? 'simulation' : 'formulas, since there are many cells'}.`}
      ${` The ${q} is that at the carried load that is nearest to ${percent(scoredPart.at)} of the measured capacity, between ${percent(scoredPart.least)} and ${percent(scoredPart.most)} of it.`}</p>
  </section>`;
}

function HeldOutPart({ figures, summary, questions }: RunScore): VNode {
  const { fittedTo, predicted } = summary;
  const right = questions.filter(one => one.right).length;
  return html`<div class="held-out">
    <p>${`Fitted to ${counted(fittedTo.length, 'cell')} alone, and held against ${counted(predicted.length, 'cell')}:`}</p>
    <ul class="stops">
      ${summary.figures.map(one => html`<li>${errorsOf(one)}</li>`)}
      ${questions.length > 0 && html`<li>${`the smallest size that carries a load: as measured in ${right} of ${questions.length} questions`}</li>`}
    </ul>
    <${DataTable} caption="Held out: predicted and measured" columns=${heldOutColumns} rows=${figures.map(heldOutRow)} />
  </div>`;
}

/** `capacity of 5: off by 6 % in the median and 14 % at most; of that 1 % and 4 % lie beyond the intervals`. */
function errorsOf({ figure, predictions, plain, beyond }: FigureScore): string {
  const [off, most] = [percent(plain.median), percent(plain.most)];
  const outside = `${percent(beyond.median)} and ${percent(beyond.most)}`;
  return `${figure} of ${predictions}: off by ${off} in the median and ${most} at most; beyond the combined 95 % interval of prediction and measurement by ${outside}`;
}

const heldOutColumns = [
  { head: 'cell' },
  { head: 'figure', words: true },
  { head: 'predicted' },
  { head: 'interval' },
  { head: 'measured' },
  { head: 'interval' },
  { head: 'error' },
  { head: 'beyond the intervals' },
];

function heldOutRow({ cell, figure, arrivalRate, predicted, measured, error, beyond }: ScoredFigure): string[] {
  const [unit, show] = figure === 'p99' ? ['ms', milliseconds] : ['1/s', rounded];
  const at = arrivalRate === undefined ? '' : ` at ${rounded(arrivalRate)}/s`;
  const shown = ({ estimate, low, high }: Interval) => [
    show(estimate),
    Number.isFinite(low) && Number.isFinite(high) ? `${show(low)}..${show(high)}` : '–',
  ];
  return [cell, `${figure}${at} (${unit})`, ...shown(predicted), ...shown(measured), signed(error), percent(beyond)];
}

function InSample({ report, predictions }: { report: Report; predictions: Predictions }): VNode {
  const q = quantileName(report.experiment.objective.quantile);
  const columns = [
    { head: 'cell' },
    { head: 'capacity, predicted (1/s)' },
    { head: 'measured (1/s)' },
    { head: 'error' },
    { head: `load near ${percent(scoredPart.at)} (1/s)` },
    { head: `${q} there, predicted (ms)` },
    { head: 'measured (ms)' },
    { head: 'error' },
  ];
  const rows = report.workloads.flatMap(({ workload, cells }) =>
    cells.flatMap(cell => {
      const predicted = predictions.cells.get(cell);
      if (predicted === undefined || cell.curve.length === 0) return [];
      return [
        [
          cellName({ workload, deployment: cell.deployment }),
          ...capacityFigures(cell, predicted),
          ...timeFigures(predicted),
        ],
      ];
    }),
  );
  return html`<${DataTable} caption="In-sample: predicted and measured" columns=${columns} rows=${rows} />`;
}

function capacityFigures(cell: ReportedCell, { capacity }: PredictedCell): string[] {
  const isEstimate = cell.capacity.state === 'bracketed';
  const measured = shownCapacityOf(cell);
  const error = isEstimate && measured !== undefined ? signed(capacity.estimate / measured - 1) : '–';
  return [rounded(capacity.estimate), shownCapacity(cell), error];
}

function timeFigures({ scored }: PredictedCell): string[] {
  if (scored === undefined) return ['–', '–', '–', '–'];
  const { predicted, measured } = scored;
  return [
    rounded(predicted.arrivalRate),
    milliseconds(predicted.atObjective),
    milliseconds(measured),
    signed(predicted.atObjective / measured - 1),
  ];
}

/** `+4 %`, `−12 %`: predicted more than was measured, or less. */
function signed(error: Fraction): string {
  const hundredths = Math.round(Math.abs(error) * 100);
  if (!Number.isFinite(hundredths)) return '–';
  return hundredths === 0 ? '0 %' : `${error < 0 ? '−' : '+'}${hundredths} %`;
}
