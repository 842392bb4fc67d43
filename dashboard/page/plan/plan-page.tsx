import { useEffect } from 'preact/hooks';
import { DashboardProblem } from '../dashboard-problem.ts';
import { copyAddress, Top } from '../header.tsx';
import { keepQuery } from '../kept-query.ts';
import { Login } from '../login.tsx';
import { Toasts } from '../notices.tsx';
import { Refused } from '../refused.tsx';
import { access } from '../session.ts';
import { What } from '../what.tsx';
import { AnswerSection } from './answer-section.tsx';
import { inputs, startThinking } from './answers.ts';
import { PlanDetails } from './details.tsx';
import { InputsPanel } from './inputs-panel.tsx';
import { planQueryOf } from './plan-address.ts';
import { chosenRun, findRuns, problem, runs } from './runs-to-plan-with.ts';

/** What to run: a question as sliders, answered while they move. */
export function PlanPage() {
  useEffect(() => {
    document.title = 'Loadline: plan';
    void findRuns();
    const ends = [startThinking(), keepQuery(presentQuery)];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  if (access.value === 'locked') return <Login onDone={() => void findRuns()} />;
  if (access.value instanceof DashboardProblem) return <Refused problem={access.value} />;
  return (
    <>
      <Top
        skip={['#plan', 'To the plan']}
        says="From what was measured to what to run: the answer follows the sliders."
      >
        <a href="/#tour">Tour</a>
        <a href="/#stage">Stage</a>
        <a href="/#results">Results</a>
        <a href="?plan" aria-current="page">
          Plan
        </a>
        <button type="button" class="link" onClick={() => copyAddress(`${location.origin}/${presentQuery()}`)}>
          Copy link
        </button>
      </Top>
      <main id="plan" tabIndex={-1}>
        <div class="plan-head">
          <h2>Plan</h2>
          <What word="plan" />
        </div>
        {problem.value !== undefined && <p role="alert">{problem.value}</p>}
        {runs.value?.length === 0 && chosenRun.value === undefined && <NoModel />}
        {(inputs.value !== undefined || (runs.value?.length ?? 0) > 0) && (
          <div class="plan">
            <AnswerSection />
            <InputsPanel />
            <PlanDetails />
          </div>
        )}
      </main>
      <Toasts />
    </>
  );
}

function NoModel() {
  return (
    <div class="empty">
      <p>There is nothing to plan with yet. This measures for a few minutes, and leaves a model to plan with:</p>
      <pre>./loadline compare quick</pre>
    </div>
  );
}

function presentQuery(): string {
  const [run, asked] = [chosenRun.value, inputs.value];
  return run === undefined || asked === undefined ? location.search : planQueryOf(run, asked);
}
