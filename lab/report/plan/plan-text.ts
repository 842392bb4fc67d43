import { deploymentName } from '../../../model/deployment.ts';
import { resourceNames } from '../../../model/measurement.ts';
import {
  counted,
  milliseconds,
  percent,
  quantileName,
  rounded,
  shownBytes,
  signedPercent,
} from '../../../model/quantities.ts';
import type { Extrapolation } from '../../plan/extrapolation.ts';
import type { ModelScore } from '../../plan/fitted-model.ts';
import { DATABASE_FULL, type DatabaseLimit } from '../../plan/formulas.ts';
import type { Plan } from '../../plan/plan.ts';
import { plannedLoad, type Question } from '../../plan/question.ts';
import type { Recommendation } from '../../plan/recommendation.ts';
import { shownRequests } from '../answer.ts';
import { wrapText } from '../text-table.ts';
import { alternativesOf } from './alternatives.ts';
import type { Nearest, PlanAnswer, TextOptions } from './answer.ts';
import { shownExtrapolation } from './extrapolation-text.ts';
import { supposedTable } from './supposed-table.ts';
import { sweepTable } from './sweep-table.ts';
import { inWords, plural, shownDeployment } from './words.ts';

/** The answer to a question, for a terminal. */
export function planText(answer: PlanAnswer, options: TextOptions): string {
  const { plan, nearest, warnings, whatIf, sweep } = answer;
  const [best] = plan.recommendations;
  const paragraph = (sentence: string) => wrapText(sentence, options.width, '  ');
  return [
    best === undefined ? paragraph(noneSentence(plan, nearest)) : paragraph(recommendationSentence(best)),
    facts([...askedFacts(plan.question), ...(best ? predictedFacts(best, plan) : [])], options.width),
    best === undefined ? '' : [paragraph(orderSentence(plan)), '', alternativesOf(plan)].join('\n'),
    rejections(plan, options.width),
    ...(whatIf ? [supposedTable(whatIf, plan, options)] : []),
    ...(sweep ? [sweepTable(sweep, plan.question, options)] : []),
    facts(foundations(plan, options.run ?? 'RUN'), options.width),
    warnings.map(warning => wrapText(`! ${warning}`, options.width, '  ')).join('\n'),
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

/** What shall be run, in a sentence. */
function recommendationSentence({ deployment, machines, memory }: Recommendation): string {
  const where = machines === 1 ? 'on one machine' : `on each of ${machines} machines`;
  const all = machines === 1 ? '' : ' in all';
  return `Run ${shownDeployment(deployment)} ${where}: ${inWords(deployment)}; ${shownBytes(memory)} of memory${all}.`;
}

/** That nothing will do, and what comes nearest. */
function noneSentence({ required, database, question: { objective } }: Plan, nearest: Nearest | undefined): string {
  const asked = `${quantileName(objective.quantile)} ≤ ${milliseconds(objective.responseTime)} ms`;
  const nothing = `Nothing that was thought of meets ${asked} with a capacity of ${rounded(required)}/s.`;
  if (nearest === undefined) return nothing;
  const { deployment, capacity } = nearest;
  if (required > DATABASE_FULL * Math.min(database.byCpu, database.byConnections)) {
    const most = rounded(DATABASE_FULL * Math.min(database.byCpu, database.byConnections));
    return `${nothing} One machine is too small for it (${shownDeployment(deployment)} carries ${rounded(capacity)}/s), and before several the one Postgres is planned for ${most}/s at most.`;
  }
  if (capacity >= required) {
    return `${nothing} Nearest comes ${shownDeployment(deployment)}, which carries ${rounded(capacity)}/s and misses the objective at ${rounded(required)}/s: at a light load each request takes more CPU, and this objective leaves no room for that.`;
  }
  return `${nothing} Nearest comes ${shownDeployment(deployment)} with ${rounded(capacity)}/s, ${percent(1 - capacity / required)} less.`;
}

function rejections({ rejected }: Plan, width: number): string {
  if (rejected.length === 0) return '';
  const lines = rejected.map(({ topology, kind, deployment, needs, reason }) => {
    const most = deployment === undefined ? topology : `${topology} (up to ${deploymentName(deployment)})`;
    const name = needs === undefined ? most : deploymentName(needs);
    const how = kind === 'not-measured' ? ': ./loadline compare FILE, with it in FILE, measures it' : '';
    return `  ${wrapText(`${name} ${reason}${how}`, width - 2, '    ')}`;
  });
  return ['Not these:', ...lines].join('\n');
}

type Fact = readonly [name: string, sentence: string];

function askedFacts(question: Question): Fact[] {
  const { workload, machine, growth, headroom, arrivalRate } = question;
  const { cpus, memory, databaseConnections, generator } = machine;
  const grown = growth === 1 ? '' : `, ${rounded(growth)} times the ${rounded(arrivalRate)}/s of today`;
  const free = headroom === 0 ? '' : `, ${percent(headroom)} of the capacity to stay free`;
  const limits = [
    counted(cpus, 'CPU'),
    ...(memory === undefined ? [] : [`${shownBytes(memory)} of memory`]),
    ...(databaseConnections === undefined ? [] : [plural(databaseConnections, 'database connection')]),
  ];
  const beside = generator === 'here' ? 'the load generator on it, as measured' : 'the load generator elsewhere';
  return [
    ['asked', `${rounded(plannedLoad(question))}/s of ${workload.name} (${shownRequests(workload)})${grown}${free}`],
    ['machine', `${limits.join(', ')}; ${beside}`],
  ];
}

function predictedFacts(best: Recommendation, plan: Plan): Fact[] {
  const { objective } = plan.question;
  const { machines, prediction, capacity, margin } = best;
  const { quantiles, atObjective } = prediction.responseTime;
  const quantile = quantileName(objective.quantile);
  const times = [
    `p50 ${milliseconds(quantiles.p50)} ms`,
    ...(quantile === 'p50' ? [] : [`${quantile} ${milliseconds(atObjective)} ms`]),
    ...(quantile === 'p99' ? [] : [`p99 ${milliseconds(quantiles.p99)} ms`]),
  ];
  const all = (perMachine: number) => rounded(perMachine * machines);
  const each = machines === 1 ? '' : ` by ${machines} machines`;
  return [
    [
      'predicted',
      `${times.join(', ')} at ${rounded(plannedLoad(plan.question))}/s; objective ${quantile} ≤ ${milliseconds(objective.responseTime)} ms`,
    ],
    ['capacity', `${all(capacity.estimate)}/s${each}, 95 % interval ${all(capacity.low)}..${all(capacity.high)}`],
    ['margin', `${signedPercent(margin)} against the ${rounded(plan.required)}/s that are required`],
    ['gives out first', resourceNames[best.next].phrase],
  ];
}

function orderSentence({ recommendations, question: { prices } }: Plan): string {
  const order = prices ? 'least cost first' : 'least memory first, then fewest connections';
  const machines = recommendations.some(one => one.machines > 1) ? 'fewest machines, ' : '';
  const [best] = recommendations;
  const by = best?.prediction.by === 'simulation' && recommendations.length > 1 ? '; the first is simulated' : '';
  const formulas = recommendations.filter(({ prediction }) => prediction.by === 'formulas').length;
  return `The smallest of each topology, ${prices ? '' : machines}${order}${formulas > 0 ? `${by}, others by formulas` : ''}:`;
}

/** What it rests on: where the one Postgres ends, measurements, how far beyond them, how far the model is off. */
function foundations({ database, question, restsOn, extrapolations }: Plan, named: string): Fact[] {
  const { run, runtime, trials, cells, assumed, score } = restsOn;
  return [
    ['one Postgres', databaseSentence(database, question)],
    ['rests on', `${trials} trials of ${cells.length} cells of ${run} (${runtime})`],
    ['beyond them', beyondSentence(extrapolations)],
    ...(assumed.length === 0 ? [] : [['assumed', `${assumed.join(', ')}: as on another machine`] as const]),
    ['model error', score === undefined ? `not scored yet: ./loadline plan ${named} --score` : scoreSentence(score)],
  ];
}

function scoreSentence({ figures }: ModelScore): string {
  return figures
    .map(({ figure, predictions, plain: { median, most } }) => {
      return `${figure} ${percent(median)} in the median of ${plural(predictions, 'prediction')}, ${percent(most)} at most`;
    })
    .join('; ');
}

function databaseSentence({ byCpu, byConnections }: DatabaseLimit, { machine }: Question): string {
  const cpu = Number.isFinite(byCpu)
    ? `its CPUs give out at ${rounded(byCpu)}/s, with ${plural(machine.cpus, 'CPU')} of its own`
    : 'this workload asks nothing of its CPUs';
  if (machine.databaseConnections === undefined) return `${cpu}; connections are not limited (--database-connections)`;
  return Number.isFinite(byConnections)
    ? `${cpu}; its ${machine.databaseConnections} connections at ${rounded(byConnections)}/s`
    : `${cpu}, and no connection`;
}

function beyondSentence(extrapolations: readonly Extrapolation[]): string {
  return extrapolations.length === 0
    ? 'nothing: all of it lies within'
    : extrapolations.map(shownExtrapolation).join('; ');
}

function facts(all: readonly Fact[], width: number): string {
  const column = Math.max(...all.map(([name]) => name.length)) + 2;
  return all
    .map(([name, sentence]) => wrapText(`${name.padEnd(column)}${sentence}`, width, ' '.repeat(column)))
    .join('\n');
}
