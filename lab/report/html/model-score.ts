import type { VNode } from 'preact';
import { cellName } from '../../../model/experiment.ts';
import { counted, milliseconds, percent, quantileName, rounded, signedPercent } from '../../../model/quantities.ts';
import type { Interval } from '../../../model/statistics.ts';
import type { FigureScore } from '../../plan/fitted-model.ts';
import type { RunScore, ScoredFigure } from '../../plan/score.ts';
import { type Columns, DataTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import { shownCapacity } from '../answer.ts';
import { type PredictedCell, type Predictions, scoredPart } from '../predictions.ts';
import type { Report, ReportedCell } from '../report.ts';

/** How accurate the model of the run is: for cells that it was not fitted to, if there are some, and for those that it was. */
export function ScoreSection(report: Report, predictions: Predictions): VNode {
  const { fitted, score, by } = predictions;
  const q = quantileName(report.experiment.objective.quantile);
  const code = (text: string) => h('code', null, text);
  const rows = report.workloads.flatMap(({ workload, cells }) =>
    cells.flatMap(cell => {
      const predicted = predictions.cells.get(cell);
      if (predicted === undefined || cell.curve.length === 0) return [];
      return [{ name: cellName({ workload, deployment: cell.deployment }), cell, ...predicted }];
    }),
  );
  return h('section', null, [
    h('h2', { id: 'model' }, 'Accuracy of the model'),
    h('p', null, [
      ...[
        'The model that ',
        code('./loadline plan'),
        ` answers from was fitted to ${fitted.measured.trials} trials of this run and is kept in `,
        code('model.json'),
        '. ',
      ],
      ...(score === undefined
        ? [
            'It was not tested on cells that it had not seen: ',
            code('./loadline plan --score'),
            ' does that, and so does a run of ',
            code('holdout'),
            '.',
          ]
        : ['Its errors for cells that it had not seen come first: only these show how far a plan can be off.']),
    ]),
    report.comparison.runtime === 'simulated' &&
      h('p', null, [
        h('strong', null, 'Simulated:'),
        ' what is called measured here comes from a simulation too, so this shows how well the model finds again what was put into it.',
      ]),
    score && HeldOut(score),
    h(
      'p',
      { class: 'note' },
      `In-sample: the model was fitted to these trials. This shows whether it can describe them, not how well it predicts others. Predictions come from ${by === 'simulation' ? 'simulation' : 'formulas, since there are many cells'}. The ${q} is that at the carried load nearest to ${percent(scoredPart.at)} of the measured capacity, between ${percent(scoredPart.least)} and ${percent(scoredPart.most)} of it.`,
    ),
    DataTable({ caption: 'In-sample: predicted and measured', columns: inSampleColumns(q), rows }),
  ]);
}

function HeldOut({ figures, summary, questions }: RunScore): VNode {
  const { fittedTo, predicted } = summary;
  const right = questions.filter(one => one.right).length;
  return h('div', { class: 'held-out' }, [
    h(
      'p',
      null,
      `Fitted to ${counted(fittedTo.length, 'cell')} alone, and tested on ${counted(predicted.length, 'other cell')}:`,
    ),
    h('ul', { class: 'stops' }, [
      ...summary.figures.map(one => h('li', null, describeErrors(one))),
      questions.length > 0 &&
        h(
          'li',
          null,
          `the smallest size that carries a load: as measured in ${right} of ${counted(questions.length, 'question')}`,
        ),
    ]),
    DataTable({
      caption: 'Held out: predicted and measured',
      columns: heldOutColumns,
      words: ['figure'],
      rows: figures,
    }),
  ]);
}

/** `capacity of 5: off by 6 % in the median and 14 % at most; beyond the combined 95 % interval … by 1 % and 4 %`. */
function describeErrors({ figure, predictions, plain, beyond }: FigureScore): string {
  const [off, most] = [percent(plain.median), percent(plain.most)];
  const outside = `${percent(beyond.median)} and ${percent(beyond.most)}`;
  return `${figure} of ${predictions}: off by ${off} in the median and ${most} at most; beyond the combined 95 % interval of prediction and measurement by ${outside}`;
}

const heldOutColumns: Columns<ScoredFigure> = {
  cell: ({ cell }) => cell,
  figure: ({ figure, arrivalRate }) =>
    `${figure}${arrivalRate === undefined ? '' : ` at ${rounded(arrivalRate)}/s`} (${figure === 'p99' ? 'ms' : '1/s'})`,
  predicted: ({ figure, predicted }) => shownIn(figure, predicted.estimate),
  'its interval': ({ figure, predicted }) => shownEnds(figure, predicted),
  measured: ({ figure, measured }) => shownIn(figure, measured.estimate),
  'interval of measured': ({ figure, measured }) => shownEnds(figure, measured),
  error: ({ error }) => shownError(error),
  'beyond the intervals': ({ beyond }) => percent(beyond),
};

function shownIn(figure: ScoredFigure['figure'], value: number): string {
  return figure === 'p99' ? milliseconds(value) : rounded(value);
}

function shownEnds(figure: ScoredFigure['figure'], { low, high }: Interval): string | undefined {
  return Number.isFinite(low) && Number.isFinite(high)
    ? `${shownIn(figure, low)}..${shownIn(figure, high)}`
    : undefined;
}

/** Predicted ÷ measured − 1, where both are known. */
function shownError(error: number | undefined): string | undefined {
  return Number.isFinite(error) ? signedPercent(error ?? 0) : undefined;
}

type InSampleRow = PredictedCell & { readonly name: string; readonly cell: ReportedCell };

const inSampleColumns = (q: string): Columns<InSampleRow> => ({
  cell: ({ name }) => name,
  'capacity, predicted (1/s)': ({ capacity }) => rounded(capacity.estimate),
  'measured (1/s)': ({ cell }) => shownCapacity(cell),
  'error of the capacity': ({ cell, capacity }) =>
    cell.capacity.state === 'bracketed' ? shownError(capacity.estimate / cell.capacity.estimate - 1) : undefined,
  [`load near ${percent(scoredPart.at)} (1/s)`]: ({ scored }) => scored && rounded(scored.predicted.arrivalRate),
  [`${q} there, predicted (ms)`]: ({ scored }) => scored && milliseconds(scored.predicted.atObjective),
  'measured (ms)': ({ scored }) => scored && milliseconds(scored.measured),
  [`error of the ${q}`]: ({ scored }) => scored && shownError(scored.predicted.atObjective / scored.measured - 1),
});
