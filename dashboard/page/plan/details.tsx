import type { Plan, Rejection } from '../../../lab/plan/recommendation.ts';
import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { listed } from '../local-text.ts';
import { What } from '../what.tsx';
import { Alternatives } from './alternatives.tsx';
import { answer, topologies } from './answers.ts';
import { extrapolationWords, limitSentence, rejectionWords, scoreSentence } from './plan-words.ts';
import { ResponseChart } from './response-chart.tsx';
import { chosenRun } from './runs-to-plan-with.ts';

/** What stands behind the answer: what else would do, what would not, and what all of it rests on. */
export function PlanDetails() {
  const { plan, refusal } = answer.value ?? {};
  if (plan === undefined) return null;
  const isAnswered = refusal === undefined;
  return (
    <div class="plan-details">
      {plan.extrapolations.length > 0 && <Extrapolations plan={plan} />}
      {isAnswered && plan.recommendations.length > 0 && (
        <>
          <Alternatives plan={plan} />
          <ResponseChart plan={plan} />
        </>
      )}
      {isAnswered && plan.rejected.length > 0 && <Rejected rejected={plan.rejected} />}
      <section aria-label="The database">
        <h3>The database</h3>
        <p>{limitSentence(plan.database)}</p>
      </section>
      <RestsOn plan={plan} />
    </div>
  );
}

/** How far the question goes beyond the measurements. */
function Extrapolations({ plan: { extrapolations } }: { readonly plan: Plan }) {
  return (
    <section aria-label="Beyond what was measured">
      <div class="group-head">
        <h3>Beyond what was measured</h3>
        <What word="beyond what was measured" />
      </div>
      <ul class="plan-beyond">
        {extrapolations.map(one => (
          <li key={one.quantity} data-too-far={one.tooFar}>
            {extrapolationWords(one)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Rejected({ rejected }: { readonly rejected: readonly Rejection[] }) {
  return (
    <section aria-label="Rejected">
      <h3>Rejected</h3>
      <ul class="plan-rejected">
        {rejected.map(one => (
          <li key={one.topology}>
            {topologies.value
              .filter(({ name }) => name === one.topology)
              .map(spec => (
                <Swatch key={spec.name} style={styleDeployment({ spec })} />
              ))}
            <strong>{one.topology}</strong> <span>{rejectionWords(one)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function RestsOn({ plan: { restsOn } }: { readonly plan: Plan }) {
  const { run, runtime, trials, cells, assumed, score } = restsOn;
  return (
    <section aria-label="What it rests on">
      <div class="group-head">
        <h3>What it rests on</h3>
        <What word="run" />
      </div>
      <p>
        {trials} trials of the experiment {run}, {runtime === 'simulated' ? 'simulated' : `measured (${runtime})`}.{' '}
        {score === undefined ? (
          <>
            How far it is off was not looked at: <code>./loadline plan {chosenRun.value} --score</code> does that, and
            writes it into the model; then load this page again.
          </>
        ) : (
          scoreSentence(score)
        )}
      </p>
      {assumed.length > 0 && <p>No trial shows {listed(assumed)}: that is as on another machine.</p>}
      <details>
        <summary>Its {cells.length} cells</summary>
        <ul class="plan-cells">
          {cells.map(cell => (
            <li key={cell}>{cell}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}
