import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { addresses, type RunSummary, readingAllowed, reportAddress } from '../../protocol.ts';
import { visible } from '../charts/chart-state.ts';
import { DashboardProblem, problemOf } from '../dashboard-problem.ts';
import { connection } from '../live.ts';
import { What } from '../what.tsx';

/** The runs of `compare`, with their answers. */
export function Results() {
  const runs = useSignal<readonly RunSummary[] | undefined>(undefined);
  const problem = useSignal<DashboardProblem | undefined>(undefined);
  const canAsk = connection.value === 'open' && visible.value;
  // Whoever comes back to the page may have made a run meanwhile.
  useEffect(() => {
    if (!canAsk) return;
    const ask = async (): Promise<void> => {
      const response = await fetch(addresses.runs, { headers: { accept: 'application/json' } });
      if (!response.ok) throw await problemOf(response);
      runs.value = await response.json();
      problem.value = undefined;
    };
    ask().catch((cause: unknown) => {
      problem.value = cause instanceof DashboardProblem ? cause : new DashboardProblem(0, String(cause));
    });
  }, [canAsk, runs, problem]);
  return (
    <section class="part" id="results" aria-labelledby="results-name">
      <div class="part-head">
        <h2 id="results-name">Results</h2>
        <What word="run" />
      </div>
      <p class="lead">
        What each topology carries, measured with intervals and one at a time: the runs of{' '}
        <code>./loadline compare</code>.
      </p>
      {problem.value !== undefined && (
        <div class="empty" role="alert">
          <p>{problem.value.message}</p>
          {problem.value.command !== undefined && <pre>{problem.value.command}</pre>}
        </div>
      )}
      {runs.value?.length === 0 && <Empty />}
      {runs.value !== undefined && runs.value.length > 0 && (
        <ol class="runs">
          {runs.value.map(run => (
            <Run key={run.name} run={run} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Empty() {
  return (
    <div class="empty">
      <p>There is no run yet. This one takes a few minutes, and is listed here when it is done:</p>
      <pre>./loadline compare --quick</pre>
    </div>
  );
}

const begunAt = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

function Run({ run }: { readonly run: RunSummary }) {
  const { name, readable, experiment, runtime, begun, answers, report, model } = run;
  if (!readable) return <Unreadable name={name} />;
  const time = new Date(begun);
  return (
    <li class="run">
      <p class="run-head">
        <strong>{experiment}</strong>
        <span>{runtime}</span>
        <time dateTime={begun}>{Number.isNaN(time.getTime()) ? begun : begunAt.format(time)}</time>
      </p>
      {answers.map(answer => (
        <p key={answer} class="answer">
          {answer}
        </p>
      ))}
      {answers.length === 0 && <p class="hint">It has no answer yet: it is under way, or was cut off.</p>}
      {(report || model) && (
        <p class="run-links">
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
      )}
    </li>
  );
}

function Unreadable({ name }: Pick<RunSummary, 'name'>) {
  return (
    <li class="run">
      <p class="run-head">
        <strong>{name}</strong>
      </p>
      <p>The dashboard runs as another user, who may not read this run. Allow it:</p>
      <pre>{readingAllowed(`runs/${name}`)}</pre>
    </li>
  );
}
