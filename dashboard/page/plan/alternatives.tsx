import type { Plan, Recommendation } from '../../../lab/plan/recommendation.ts';
import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import {
  quantileName,
  shownBytes,
  shownCount,
  shownRate,
  shownTime,
  signedPercent,
} from '../../../model/quantities.ts';
import { shortly } from '../shortly.ts';
import { What } from '../what.tsx';
import type { ExplainedWord } from '../words.ts';
import { topologies } from './answers.ts';
import { marginNote, nextWords, orderWords } from './plan-words.ts';

/** The deployments that meet the objective, best first. */
export function Alternatives({ plan }: { readonly plan: Plan }) {
  const [all, one] = ['in all', 'each machine'];
  const heads: readonly (readonly [name: string, word?: ExplainedWord | undefined, of?: string])[] = [
    ['deployment', undefined, one],
    ['machines'],
    ['workers', 'worker', all],
    ['connections', 'database connections', all],
    ['memory', 'planned memory', all],
    [quantileName(plan.question.objective.quantile), 'response time', one],
    ['capacity', 'capacity', one],
    ['margin', 'margin', all],
    ['next limit', 'next limit'],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Deployments that meet the objective">
      <table>
        <caption>{orderWords(plan)}</caption>
        <thead>
          <tr>
            {heads.map(([name, word, of]) => (
              <th key={name} scope="col">
                {name}
                {word !== undefined && <What word={word} />}
                {of !== undefined && <span class="plan-what">{of}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.recommendations.map(each => (
            <Alternative key={each.deployment.topology} recommendation={each} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Alternative({ recommendation }: { readonly recommendation: Recommendation }) {
  const { deployment, machines, memory, databaseConnections, prediction, capacity, margin } = recommendation;
  const { topology } = deployment;
  const note = marginNote(recommendation);
  return (
    <tr>
      <th scope="row">
        <Swatch style={styleDeployment(deployment)} /> {topology}
        <span class="plan-what">{shortly(deployment, topologies.value)}</span>
      </th>
      <td>{shownCount(machines)}</td>
      <td>{shownCount(machines * deriveParallelism(deployment).workers)}</td>
      <td>{shownCount(databaseConnections)}</td>
      <td>{shownBytes(memory)}</td>
      <td>{shownTime(prediction.responseTime.atObjective)}</td>
      <td>
        {shownRate(capacity.estimate)}
        <span class="plan-what">
          {shownRate(capacity.low)} to {shownRate(capacity.high)}
        </span>
      </td>
      <td>
        {signedPercent(margin)}
        {note !== undefined && <span class="plan-doubt">{note}</span>}
      </td>
      <td>{nextWords(recommendation)}</td>
    </tr>
  );
}
