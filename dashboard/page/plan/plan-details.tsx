import type { ComponentChildren } from 'preact';
import type { Plan } from '../../../lab/plan/plan.ts';
import type { Recommendation } from '../../../lab/plan/recommendation.ts';
import {
  describeDatabase,
  describeExtrapolation,
  describeOrder,
  describeRejection,
  describeScore,
  listPlanColumns,
  type PlanColumn,
} from '../../../lab/report/plan/plan-words.ts';
import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { counted } from '../../../model/quantities.ts';
import { type ExplainedWord, What } from '../explanations.tsx';
import { listed } from '../wording.ts';
import { answer, fitted } from './answers.ts';
import { chosenRun } from './planned-runs.ts';
import { ResponseChart } from './response-chart.tsx';

/** The evidence for the answer: alternatives, rejections, limits and measurements. */
export function PlanDetails() {
  const { plan, refusal } = answer.value ?? {};
  if (plan === undefined) return null;
  const isAnswered = refusal === undefined;
  return (
    <div class="plan-details">
      {plan.extrapolations.length > 0 && <Extrapolations plan={plan} />}
      {isAnswered && plan.recommendations.length > 0 && (
        <>
          <Recommendations plan={plan} />
          <ResponseChart plan={plan} />
        </>
      )}
      {isAnswered && plan.rejected.length > 0 && <Rejections plan={plan} />}
      <Part name="Database">
        <p>One Postgres carries {describeDatabase(plan)}.</p>
      </Part>
      <Evidence plan={plan} />
    </div>
  );
}

const words: Readonly<Partial<Record<PlanColumn['name'], ExplainedWord>>> = {
  memory: 'memory of all machines',
  connections: 'database connections',
  'response time': 'response time',
  capacity: 'capacity',
  margin: 'margin',
  bottleneck: 'bottleneck',
};

function Recommendations({ plan }: { readonly plan: Plan }) {
  const columns = listPlanColumns(plan.question);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Deployments that meet the objective">
      <table>
        <caption>{describeOrder(plan)}.</caption>
        <thead>
          <tr>
            {columns.map(({ name, head, unit }) => {
              const word = words[name];
              return (
                <th key={name} scope="col">
                  {head}
                  {unit !== undefined && ` (${unit})`}
                  {word !== undefined && <What word={word} />}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {plan.recommendations.map(one => (
            <Row key={one.deployment.topology} columns={columns} recommendation={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly columns: readonly PlanColumn[];
  readonly recommendation: Recommendation;
}

function Row({ columns: [first, ...others], recommendation }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <Swatch style={styleDeployment(recommendation.deployment)} /> {first?.show(recommendation)}
        <span class="hint">{first?.detail?.(recommendation)}</span>
      </th>
      {others.map(({ name, show, detail }) => (
        <td key={name}>
          {show(recommendation)}
          <span class={name === 'margin' ? 'warning' : 'hint'}>{detail?.(recommendation)}</span>
        </td>
      ))}
    </tr>
  );
}

function Extrapolations({ plan: { extrapolations } }: { readonly plan: Plan }) {
  return (
    <Part name="Extrapolation" word="extrapolation">
      <ul>
        {extrapolations.map(one => (
          <li key={one.quantity} class={one.tooFar ? 'warning' : undefined}>
            {describeExtrapolation(one)}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Rejections({ plan: { rejected } }: { readonly plan: Plan }) {
  const topologies = fitted.value?.topologies ?? [];
  return (
    <Part name="Rejected">
      <ul>
        {rejected.map(one => {
          const spec = topologies.find(({ name }) => name === one.topology);
          return (
            <li key={one.topology}>
              {spec && <Swatch style={styleDeployment({ spec })} />} {describeRejection(one)}
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

function Evidence({ plan: { restsOn } }: { readonly plan: Plan }) {
  const { run, runtime, trials, cells, assumed, score } = restsOn;
  const how = runtime === 'simulated' ? runtime : `measured (${runtime})`;
  const known = score && `Its error on cells that it was not fitted to: ${describeScore(score)}.`;
  return (
    <Part name="Evidence" word="run">
      <p>
        The model is fitted to {counted(trials, 'trial')} of {run}, {how}.{' '}
        {known ?? (
          <>
            Its error is not measured yet: run <code>./loadline plan {chosenRun.value} --score</code>, then reload this
            page.
          </>
        )}
      </p>
      {assumed.length > 0 && <p>Not measured by this run, but on another machine: {listed(assumed)}.</p>}
      <details>
        <summary>{counted(cells.length, 'cell')}</summary>
        <ul class="plan-cells hint">
          {cells.map(cell => (
            <li key={cell}>{cell}</li>
          ))}
        </ul>
      </details>
    </Part>
  );
}

interface PartProps {
  readonly name: string;
  readonly word?: ExplainedWord;
  readonly children: ComponentChildren;
}

function Part({ name, word, children }: PartProps) {
  return (
    <section aria-label={name}>
      <div class="group-head">
        <h3>{name}</h3>
        {word !== undefined && <What word={word} />}
      </div>
      {children}
    </section>
  );
}
