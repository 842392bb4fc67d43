import { furthest } from '../../../lab/planner/extrapolation.ts';
import { plannedLoad } from '../../../lab/planner/question.ts';
import type { DatabaseLimit, Extrapolation, Plan, Recommendation } from '../../../lab/planner/recommendation.ts';
import { resourceNames } from '../../../lab/planner/resource-names.ts';
import type { ModelScore } from '../../../lab/planner/score.ts';
import { topologyOf } from '../../../services/topologies.ts';
import { counted, listed, shownCount, shownFraction, shownNumber, shownRate, shownTime } from '../figures.ts';
import { shortly } from '../shortly.ts';

/** The answer in a sentence or two. */
export function sentenceOf(plan: Plan): string {
  const [best] = plan.recommendations;
  const asked = plannedLoad(plan.question);
  if (best === undefined)
    return `Nothing of what was measured carries ${shownRate(plan.required)} here. ${limitSentence(plan.database)}`;
  const { machines, capacity, prediction, margin, error } = best;
  const together = machines === 1 ? 'it carries' : `together they carry`;
  const sentence = `Run ${deploymentWords(best)}: at ${shownRate(asked)} ${quantileWord(plan)} is ${shownTime(prediction.responseTime.atObjective)}, and ${together} ${shownRate(machines * capacity.estimate)}, ${marginWords(margin)}.`;
  return margin < error
    ? `${sentence} The model may be off by ${shownFraction(error)}: that margin is none.`
    : sentence;
}

/** `hybrid with 2 event loops and 24 database connections, on each of 3 machines` */
export function deploymentWords({ deployment, machines }: Pick<Recommendation, 'deployment' | 'machines'>): string {
  const { topology, databaseConnections } = deployment;
  // A blocking worker has one connection, which need not be said.
  const connections = topologyOf(topology).blocking
    ? ''
    : ` and ${counted(databaseConnections, 'database connection')}`;
  const where = machines === 1 ? '' : `, on each of ${shownCount(machines)} machines`;
  return `${topology} with ${shortly(deployment)}${connections}${where}`;
}

/** `12 % more than is required` */
export function marginWords(margin: number): string {
  if (Math.round(margin * 100) === 0) return 'just what is required';
  return `${shownFraction(Math.abs(margin))} ${margin > 0 ? 'more' : 'less'} than is required`;
}

/** What the objective's quantile is called: `p99`. */
export function quantileWord({ question }: Pick<Plan, 'question'>): string {
  return `p${Number((question.objective.quantile * 100).toPrecision(6))}`;
}

/** Where the one Postgres gives out. */
export function limitSentence({ byCpu, byConnections }: DatabaseLimit): string {
  const limits = [
    ...(Number.isFinite(byCpu) ? [`${shownRate(byCpu)} by the CPUs of its machine`] : []),
    ...(Number.isFinite(byConnections) ? [`${shownRate(byConnections)} by its connections`] : []),
  ];
  return limits.length === 0
    ? 'Nothing of this is asked of the database.'
    : `The one Postgres carries ${limits.join(' and ')}, whatever stands before it.`;
}

/** That a question is not answered, because these lie too far; `undefined` where none does. */
export function refusalSentence(tooFar: readonly Extrapolation[]): string | undefined {
  if (tooFar.length === 0) return undefined;
  const what = tooFar.map(({ quantity }) => (quantity === 'topology' ? 'topology' : shortNames[quantity]));
  return `This is not answered: it goes further beyond what was measured than the model is trusted, in ${listed(what)}.`;
}

/** How far one thing lies beyond what was measured. */
export function extrapolationWords({ quantity, asked, measured, factor }: Extrapolation): string {
  if (quantity === 'topology' || !('least' in measured)) return `topology: ${asked} was not measured.`;
  const shown = showing[quantity];
  const { least, most } = measured;
  const value = Number(asked);
  const isMore = value > most;
  const known = least === most ? shown(most) : isMore ? `at most ${shown(most)}` : `at least ${shown(least)}`;
  const far = Number.isFinite(factor)
    ? `${shownNumber(factor)} times as ${isMore ? 'much' : 'little'}`
    : 'more than nothing';
  return `${names[quantity]}: ${shown(value)}, where ${known} was measured. That is ${far}; up to ${furthest[quantity]} times the model is trusted.`;
}

const shortNames = {
  cpus: 'CPUs',
  workers: 'workers',
  'load of a worker': 'the load of a worker',
  'database wait': 'the wait in the database',
  'CPU work': 'the computing of a request',
} as const;

const names = {
  cpus: 'CPUs',
  workers: 'Workers',
  'load of a worker': 'Load of a worker',
  'database wait': 'Wait in the database',
  'CPU work': 'Computing of a request',
} as const;

const showing: Readonly<Record<keyof typeof names, (value: number | string) => string>> = {
  cpus: value => shownCount(Number(value)),
  workers: value => shownCount(Number(value)),
  'load of a worker': value => shownRate(Number(value)),
  'database wait': value => shownTime(Number(value)),
  'CPU work': value => shownTime(Number(value)),
};

/** What stops a deployment next: `database connections`. */
export function nextWords({ next }: Recommendation): string {
  return resourceNames[next].replace(/^the /, '');
}

/** How far the model was off where it was held against measurements that it had not seen. */
export function scoreSentence({ figures, predicted }: ModelScore): string {
  const off = figures.map(
    ({ figure, plain }) =>
      `${figure} ${shownFraction(plain.median)} in the median and ${shownFraction(plain.most)} at most`,
  );
  return `Held against ${counted(predicted.length, 'cell')} that it had not seen, the model was off by: ${listed(off)}.`;
}
