import type { Deployment } from '../../../model/deployment.ts';
import { resourceNames } from '../../../model/measurement.ts';
import {
  counted,
  milliseconds,
  percent,
  quantileName,
  shownBytes,
  shownNumber,
  shownRate,
  signedPercent,
} from '../../../model/quantities.ts';
import type { Plan } from '../../plan/plan.ts';
import { plannedLoad, type Question } from '../../plan/question.ts';
import type { Recommendation } from '../../plan/recommendation.ts';
import type { Sweep } from '../../plan/sweep.ts';
import type { Supposed } from '../../plan/what-if.ts';
import { shownRequests } from '../answer.ts';
import { renderTextTable, wrapText } from '../text-table.ts';
import { sweepTable, whatIfTable } from './plan-tables.ts';
import {
  describeDatabase,
  describeExtrapolation,
  describeFailure,
  describeInterval,
  describeOrder,
  describeRecommendation,
  describeRejection,
  describeScore,
  listPlanColumns,
} from './plan-words.ts';

/** The whole answer to a question; `--json` prints it, with null for a limit that does not exist. */
export interface PlanAnswer {
  readonly schema: 1;
  readonly plan: Plan;
  /** Whether a deployment meets the objective. */
  readonly met: boolean;
  /** Where none does: the one that comes nearest, on one machine. */
  readonly nearest?: { readonly deployment: Deployment; readonly capacity: number; readonly reason: string };
  readonly warnings: readonly string[];
  readonly whatIf?: readonly Supposed[];
  readonly sweep?: Sweep;
}

/** The answer for a terminal of so many columns; `run` names the run in commands to type. */
export function planText(
  { plan, warnings, whatIf, sweep }: PlanAnswer,
  { width, run }: { readonly width: number; readonly run: string },
): string {
  const [best] = plan.recommendations;
  const paragraph = (text: string) => wrapText(text, width, '  ');
  return [
    paragraph(best === undefined ? describeFailure(plan) : describeRecommendation(best)),
    facts([...questionFacts(plan.question), ...(best ? predictionFacts(best, plan) : [])], width),
    ...(best ? [`${paragraph(`${describeOrder(plan)}.`)}\n\n${recommendationsTable(plan)}`] : []),
    ...(plan.rejected.length === 0 ? [] : [rejectionList(plan, width)]),
    ...(whatIf ? [whatIfTable(whatIf, plan, width)] : []),
    ...(sweep ? [sweepTable(sweep, plan.question, width)] : []),
    facts(evidenceFacts(plan, run), width),
    ...(warnings.length === 0 ? [] : [warnings.map(warning => paragraph(`! ${warning}`)).join('\n')]),
  ].join('\n\n');
}

type Fact = readonly [name: string, text: string];

function questionFacts(question: Question): Fact[] {
  const { workload, arrivalRate, growth, headroom } = question;
  const { cpus, memory, databaseConnections, generator } = question.machine;
  const grown = growth === 1 ? '' : `, ${shownNumber(growth)} times the current ${shownRate(arrivalRate)}`;
  const free = headroom === 0 ? '' : `, headroom ${percent(headroom)}`;
  const limits = [
    counted(cpus, 'CPU'),
    ...(memory === undefined ? [] : [`${shownBytes(memory)} of memory`]),
    ...(databaseConnections === undefined ? [] : [counted(databaseConnections, 'database connection')]),
    generator === 'here' ? 'load generator on the same machine, as measured' : 'load generator elsewhere',
  ];
  return [
    ['asked', `${shownRate(plannedLoad(question))} of ${workload.name} (${shownRequests(workload)})${grown}${free}`],
    ['machine', limits.join(', ')],
  ];
}

function predictionFacts(best: Recommendation, { question, required }: Plan): Fact[] {
  const { machines, prediction, capacity, margin } = best;
  const { quantiles, atObjective } = prediction.responseTime;
  const name = quantileName(question.objective.quantile);
  const times = new Map([
    ['p50', quantiles.p50],
    [name, atObjective],
    ['p99', quantiles.p99],
  ]);
  const shownTimes = [...times].map(([quantile, time]) => `${quantile} ${milliseconds(time)} ms`).join(', ');
  const load = shownRate(plannedLoad(question));
  const objective = `${name} ≤ ${milliseconds(question.objective.responseTime)} ms`;
  const each = machines === 1 ? '' : ` by ${machines} machines`;
  return [
    ['predicted', `${shownTimes} at ${load}; objective ${objective}`],
    ['capacity', `${shownRate(machines * capacity.estimate)}${each}, 95 % interval ${describeInterval(best)}`],
    ['margin', `${signedPercent(margin)} against the required ${shownRate(required)}`],
    ['bottleneck', resourceNames[best.next].name],
  ];
}

function evidenceFacts(plan: Plan, named: string): Fact[] {
  const { run, runtime, trials, cells, assumed, score } = plan.restsOn;
  const far = plan.extrapolations.map(describeExtrapolation).join('; ');
  return [
    ['one Postgres', describeDatabase(plan)],
    ['fitted to', `${counted(trials, 'trial')} of ${counted(cells.length, 'cell')} of ${run} (${runtime})`],
    ['extrapolation', far === '' ? 'none' : far],
    ...(assumed.length === 0 ? [] : [['assumed', `${assumed.join(', ')}: measured on another machine`] as const]),
    ['model error', score === undefined ? `not measured yet: ./loadline plan ${named} --score` : describeScore(score)],
  ];
}

function facts(all: readonly Fact[], width: number): string {
  const column = Math.max(...all.map(([name]) => name.length)) + 2;
  return all.map(([name, text]) => wrapText(`${name.padEnd(column)}${text}`, width, ' '.repeat(column))).join('\n');
}

function recommendationsTable({ recommendations, question }: Plan): string {
  const columns = listPlanColumns(question);
  return renderTextTable(
    columns.map(({ head, unit }) => (unit ? `${head}\n(${unit})` : head)),
    recommendations.map(one => columns.map(({ show }) => show(one))),
  );
}

function rejectionList({ rejected }: Plan, width: number): string {
  const lines = rejected.map(one => `  ${wrapText(describeRejection(one), width - 2, '    ')}`);
  return ['Rejected:', ...lines].join('\n');
}
