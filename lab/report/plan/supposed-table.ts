import Table from 'cli-table3';
import { resourceNames } from '../../../model/measurement.ts';
import { quantileName, rounded } from '../../../model/quantities.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Supposed } from '../../plan/what-if.ts';
import { plainTable, wrapText } from '../text-table.ts';
import type { TextOptions } from './answer.ts';
import { shownExtrapolation } from './extrapolation-text.ts';
import { shownChange, shownDeployment, shownPrediction } from './words.ts';

/** What changes under each supposition, a row each; rows that lie too far are told below it. */
export function supposedTable(
  all: readonly Supposed[],
  { recommendations, question }: Plan,
  options: TextOptions,
): string {
  const [best] = recommendations;
  const same = best && shownDeployment(best.deployment, best.machines);
  const quantile = quantileName(question.objective.quantile);
  const head = ['supposing', 'best then', 'capacity\n(1/s)', `${quantile}\n(ms)`, 'gives out\nfirst'];
  const table = new Table(plainTable([...head, ...(best ? ['if kept\n(1/s)', `its ${quantile}\n(ms)`] : [])]));
  for (const one of all) {
    const name = nameOf(one, all);
    if (one.state === 'too-far') table.push([name, 'too far', '–', '–', '–', ...(best ? ['–', '–'] : [])]);
    else table.push([name, ...bestThen(one), ...(best ? stays(one) : [])]);
  }
  const note = same === undefined ? '' : `; if kept: what ${same} does then`;
  return [
    wrapText(`What changes, by formulas, all machines together${note}:`, options.width, '  '),
    '',
    table.toString().replace(/ +$/gm, ''),
    ...all.flatMap(one => (one.state === 'too-far' ? ['', ...reasons(one, nameOf(one, all), options)] : [])),
  ].join('\n');
}

type Answered = Extract<Supposed, { state: 'answered' }>;
type TooFar = Exclude<Supposed, Answered>;

function reasons({ extrapolations }: TooFar, name: string, { width }: TextOptions): string[] {
  return extrapolations
    .filter(({ tooFar }) => tooFar)
    .map(one => wrapText(`${name} is too far: ${shownExtrapolation(one)}`, width, '  '));
}

function nameOf({ changes }: Supposed, all: readonly Supposed[]): string {
  const [first, second] = changes;
  if (first === undefined) return 'as asked';
  return second !== undefined && all.length > 2 ? 'all of them' : shownChange(first);
}

function bestThen({ plan }: Answered): string[] {
  const [best] = plan.recommendations;
  if (best !== undefined) {
    const { deployment, machines, capacity, prediction, next } = best;
    return [
      shownDeployment(deployment, machines),
      rounded(capacity.estimate * machines),
      shownPrediction(prediction),
      resourceNames[next].short,
    ];
  }
  const most = Math.max(0, ...plan.rejected.map(({ capacity = 0 }) => capacity));
  return ['none', rounded(most), '–', '–'];
}

function stays({ unchanged }: Answered): string[] {
  if (unchanged === undefined) return ['cannot be', '–'];
  const { capacity, machines, prediction } = unchanged;
  return [rounded(capacity * machines), shownPrediction(prediction)];
}
