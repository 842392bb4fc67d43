import { type Extrapolation, furthest } from '../../../lab/plan/extrapolation.ts';
import type { ModelScore } from '../../../lab/plan/fitted-model.ts';
import type { DatabaseLimit } from '../../../lab/plan/formulas.ts';
import type { Plan } from '../../../lab/plan/plan.ts';
import { plannedLoad } from '../../../lab/plan/question.ts';
import type { Recommendation, Rejection } from '../../../lab/plan/recommendation.ts';
import { shownExtrapolation } from '../../../lab/report/plan/extrapolation-text.ts';
import { deploymentName } from '../../../model/deployment.ts';
import { resourceNames } from '../../../model/measurement.ts';
import { counted, quantileName, shownCount, shownRate, shownTime, wholePercent } from '../../../model/quantities.ts';
import { isConcurrencyLimited, type Topology } from '../../../model/topology.ts';
import { listed } from '../local-text.ts';
import { shortly } from '../shortly.ts';

/** The answer in a sentence or two; `among`: the topologies of the run. */
export function sentenceOf(plan: Plan, among: readonly Topology[]): string {
  const [best] = plan.recommendations;
  const { objective } = plan.question;
  if (best === undefined) {
    return `Nothing of what was measured carries ${shownRate(plan.required)} here. ${limitSentence(plan.database)}`;
  }
  const { machines, capacity, prediction, margin, error } = best;
  const time = `${quantileName(objective.quantile)} is ${shownTime(prediction.responseTime.atObjective)}`;
  const carries = machines === 1 ? 'it carries' : 'together they carry';
  const sentence = `Run ${deploymentWords(best, among)}: at ${shownRate(plannedLoad(plan.question))} ${time}, and ${carries} ${shownRate(machines * capacity.estimate)}, ${marginWords(margin)}.`;
  if (margin < 0) return `${sentence} It falls short, and the model may be off by ${wholePercent(error)} either way.`;
  return margin < error ? `${sentence} The model may be off by ${wholePercent(error)}: that margin is none.` : sentence;
}

/** `hybrid with 2 event loops and 24 database connections, on each of 3 machines` */
function deploymentWords({ deployment, machines }: Recommendation, among: readonly Topology[]): string {
  const { topology, spec, databaseConnections } = deployment;
  // A blocking worker has one connection, which need not be said.
  const connections = isConcurrencyLimited(spec) ? '' : ` and ${counted(databaseConnections, 'database connection')}`;
  const where = machines === 1 ? '' : `, on each of ${shownCount(machines)} machines`;
  return `${topology} with ${shortly(deployment, among)}${connections}${where}`;
}

/** `12 % more than is required` */
function marginWords(margin: number): string {
  if (Math.round(margin * 100) === 0) return margin < 0 ? 'just below what is required' : 'just what is required';
  return `${wholePercent(Math.abs(margin))} ${margin > 0 ? 'more' : 'less'} than is required`;
}

/** Why a margin is none; `undefined` where it is one. */
export function marginNote({ margin, error }: Pick<Recommendation, 'margin' | 'error'>): string | undefined {
  if (margin < 0) return 'falls short';
  return margin < error ? 'within the error' : undefined;
}

/** How the deployments that will do are ordered, and who has decided on them. */
export function orderWords({ recommendations }: Plan): string {
  const order = 'Deployments that meet the objective, best first: fewest machines, least memory, fewest connections';
  const bys = new Set(recommendations.map(({ prediction }) => prediction.by));
  return bys.size > 1 ? `${order}; the first is simulated, others are by formulas` : order;
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

/** How far one thing lies beyond what was measured, and whether that is too far. */
export function extrapolationWords(one: Extrapolation): string {
  const { quantity, tooFar } = one;
  const words = shownExtrapolation(one);
  if (quantity === 'topology') return words;
  return `${words}: ${tooFar ? 'too far, beyond' : 'within'} the ${furthest[quantity]} times to which the model is trusted`;
}

/** Why a topology was not chosen, behind its name. */
export function rejectionWords({ kind, deployment, needs, extrapolation, reason }: Rejection): string {
  const most = deployment === undefined ? '' : `(up to ${deploymentName(deployment)}) `;
  const name = needs === undefined ? most : `as ${deploymentName(needs)} `;
  const beyond = extrapolation === undefined ? '' : `: ${shownExtrapolation(extrapolation)}`;
  const how = kind === 'not-measured' ? ': ./loadline compare FILE, with it in FILE, measures it' : beyond;
  return `${name}${reason}${how}`;
}

/** What stops a deployment next: `database connections`. */
export function nextWords({ next }: Recommendation): string {
  return resourceNames[next].name;
}

/** How far the model was off where it was held against measurements that it had not seen. */
export function scoreSentence({ figures, predicted }: ModelScore): string {
  const off = figures.map(
    ({ figure, plain }) =>
      `${figure} ${wholePercent(plain.median)} in the median and ${wholePercent(plain.most)} at most`,
  );
  return `Held against ${counted(predicted.length, 'cell')} that it had not seen, the model was off by: ${listed(off)}.`;
}
