import type { Plan, Recommendation } from '../../../lab/planner/recommendation.ts';
import { shownBytes, shownCount, shownFraction, shownRate, shownTime } from '../figures.ts';
import { shortly } from '../shortly.ts';
import { Swatch } from '../topology-look.tsx';
import { What } from '../what.tsx';
import type { ExplainedWord } from '../words.ts';
import { nextWords, quantileWord } from './plan-words.ts';

/** The deployments that meet the objective, best first. */
export function Alternatives({ plan }: { readonly plan: Plan }) {
  const heads: readonly (readonly [name: string, word?: ExplainedWord])[] = [
    ['workers', 'worker'],
    ['connections', 'database connections'],
    ['memory', 'memory'],
    ['machines'],
    [quantileWord(plan), 'response time'],
    ['capacity', 'capacity'],
    ['margin', 'margin'],
    ['next limit', 'next limit'],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Deployments that meet the objective">
      <table>
        <caption>Deployments that meet the objective, best first: least memory, then fewest connections</caption>
        <thead>
          <tr>
            <th scope="col">deployment</th>
            {heads.map(([name, word]) => (
              <th key={name} scope="col">
                {name}
                {word !== undefined && <What word={word} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.recommendations.map(one => (
            <Alternative key={one.deployment.topology} recommendation={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Alternative({ recommendation }: { readonly recommendation: Recommendation }) {
  const { deployment, machines, memory, databaseConnections, prediction, capacity, margin, error } = recommendation;
  const { topology, processes, threadsPerProcess } = deployment;
  return (
    <tr>
      <th scope="row">
        <Swatch topology={topology} /> {topology}
        <span class="plan-what">{shortly(deployment)}</span>
      </th>
      <td>{shownCount(machines * processes * threadsPerProcess)}</td>
      <td>{shownCount(databaseConnections)}</td>
      <td>{shownBytes(memory)}</td>
      <td>{shownCount(machines)}</td>
      <td>{shownTime(prediction.responseTime.atObjective)}</td>
      <td>
        {shownRate(capacity.estimate)}
        <span class="plan-what">
          {shownRate(capacity.low)} to {shownRate(capacity.high)}
        </span>
      </td>
      <td data-within-error={margin < error}>{shownFraction(margin)}</td>
      <td>{nextWords(recommendation)}</td>
    </tr>
  );
}
