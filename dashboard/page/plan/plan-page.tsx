import { useEffect } from 'preact/hooks';
import {
  describeFailure,
  describePrediction,
  describeRecommendation,
  listPlanWarnings,
} from '../../../lab/report/plan/plan-words.ts';
import { What } from '../explanations.tsx';
import { Advice, PageFrame } from '../page-frame.tsx';
import { keepQuery } from '../query.ts';
import { answer, type ComputedPlan, inputs, isFinal, startSimulating } from './answers.ts';
import { planQuery } from './inputs.ts';
import { InputsPanel } from './inputs-panel.tsx';
import { PlanDetails } from './plan-details.tsx';
import { chosenRun, findRuns, problem, runs } from './planned-runs.ts';

/** A question to the planner as sliders; the answer follows them. */
export function PlanPage() {
  useEffect(() => {
    document.title = 'Loadline: plan';
    void findRuns();
    startSimulating();
    keepQuery(presentQuery);
  }, []);
  const canAsk = inputs.value !== undefined || (runs.value?.length ?? 0) > 0;
  return (
    <PageFrame
      page="plan"
      purpose="From what was measured to what to run: the answer follows the sliders."
      address={() => `${location.origin}/${presentQuery()}`}
      onLogin={() => void findRuns()}
    >
      <main id="plan" tabIndex={-1}>
        <div class="part-head">
          <h2>Plan</h2>
          <What word="plan" />
        </div>
        {problem.value !== undefined && <p role="alert">{problem.value}</p>}
        {runs.value?.length === 0 && chosenRun.value === undefined && (
          <Advice
            text="There is no model to plan with yet. This measures for a few minutes and fits one:"
            command="./loadline compare quick"
          />
        )}
        {canAsk && (
          <div class="plan">
            <Answer />
            <InputsPanel />
            <PlanDetails />
          </div>
        )}
      </main>
    </PageFrame>
  );
}

function presentQuery(): string {
  const [run, asked] = [chosenRun.value, inputs.value];
  return run === undefined || asked === undefined ? location.search : planQuery(run, asked);
}

function Answer() {
  const found = answer.value;
  if (found === undefined) return null;
  const { by, failure, plan, refusal } = found;
  const text = describeAnswer(found);
  const warnings = plan !== undefined && refusal === undefined ? listPlanWarnings(plan) : [];
  const formulas =
    failure === undefined ? 'By formulas; the simulation follows.' : `By formulas; the simulation failed: ${failure}`;
  return (
    <section class="plan-answer frame stack" aria-label="Answer" data-by={by} data-refused={refusal !== undefined}>
      <p class="answer">{text}</p>
      {warnings.map(warning => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      {plan !== undefined && (
        <p class="hint">
          {by === 'simulation' ? 'By simulation.' : formulas}
          <What word="formulas and simulation" />
        </p>
      )}
      {/* Nothing is read out while a slider moves. */}
      <p class="visually-hidden" aria-live="polite">
        {isFinal.value && text}
      </p>
    </section>
  );
}

/** The recommendation with its prediction, or why there is none. */
function describeAnswer({ plan, refusal }: ComputedPlan): string {
  if (plan === undefined || refusal !== undefined) return refusal ?? '';
  const [best] = plan.recommendations;
  return best === undefined
    ? describeFailure(plan)
    : `${describeRecommendation(best)} ${describePrediction(best, plan)}`;
}
