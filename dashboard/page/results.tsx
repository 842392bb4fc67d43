import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addresses, type RunSummary, readingAllowed, reportAddress } from '../protocol.ts';
import { visible } from './charts/chart-state.ts';
import { What } from './explanations.tsx';
import { connection } from './live.ts';
import { Advice } from './page-frame.tsx';
import { DashboardProblem, readProblem } from './session.ts';

/** The runs of `./loadline compare`, with their answers. */
export function Results() {
  const runs = useSignal<readonly RunSummary[] | undefined>(undefined);
  const problem = useSignal<DashboardProblem | undefined>(undefined);
  const canLoad = connection.value === 'open' && visible.value;
  // A run may have ended while the page was hidden.
  useEffect(() => {
    if (!canLoad) return;
    const load = async (): Promise<void> => {
      const response = await fetch(addresses.runs, { headers: { accept: 'application/json' } });
      if (!response.ok) throw await readProblem(response);
      runs.value = await response.json();
      problem.value = undefined;
    };
    load().catch((cause: unknown) => {
      problem.value = cause instanceof DashboardProblem ? cause : new DashboardProblem(0, String(cause));
    });
  }, [canLoad, runs, problem]);
  return (
    <section class="part" id="results" aria-labelledby="results-name">
      <div class="part-head">
        <h2 id="results-name">Results</h2>
        <What word="run" />
      </div>
      <p class="lead">
        The capacity of each deployment, measured alone and with its interval: the runs of{' '}
        <code>./loadline compare</code>.
      </p>
      {problem.value !== undefined && <Advice text={problem.value.message} command={problem.value.command} />}
      {runs.value?.length === 0 && (
        <Advice text="There is no run yet. This one takes a few minutes:" command="./loadline compare --quick" />
      )}
      <ol class="stack">
        {runs.value?.map(run => (
          <li key={run.name} class="run stack">
            <Run run={run} />
          </li>
        ))}
      </ol>
    </section>
  );
}

const begunAt = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

function Run({ run }: { readonly run: RunSummary }) {
  const { name, readable, experiment, runtime, begun, answers, report, model } = run;
  if (!readable) {
    const text = `The dashboard runs as another user, who may not read the run ${name}. Allow it:`;
    return <Advice text={text} command={readingAllowed(`runs/${name}`)} />;
  }
  const time = new Date(begun);
  return (
    <>
      <p class="row hint">
        <strong>{experiment}</strong>
        <span>{runtime}</span>
        <time dateTime={begun}>{Number.isNaN(time.getTime()) ? begun : begunAt.format(time)}</time>
      </p>
      {answers.map(answer => (
        <p key={answer} class="answer">
          {answer}
        </p>
      ))}
      {answers.length === 0 && <p class="hint">It has no answer yet: it is still running, or was interrupted.</p>}
      <p class="row">
        {report && (
          <a href={reportAddress(name)} aria-label={`Open the report of ${name}`}>
            Open the report
          </a>
        )}
        {model && (
          <a href={`?plan=${encodeURIComponent(name)}`} aria-label={`Plan with it: ${name}`}>
            Plan with it
          </a>
        )}
      </p>
    </>
  );
}
