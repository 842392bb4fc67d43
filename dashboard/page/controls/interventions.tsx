import type { ComponentChildren } from 'preact';
import { tryChange } from '../changes.ts';
import { locked, stage } from '../live.ts';
import { settings } from '../settings.ts';
import { workerLabel } from '../shortly.ts';
import { What } from '../what.tsx';
import type { ExplainedWord } from '../words.ts';
import { ConnectionsControl } from './connections-control.tsx';
import { DatabaseAwayButton } from './database-away-button.tsx';
import { Obstacle } from './obstacle.tsx';

/** What can be done to the stack while it works; each really does it. */
export function Interventions() {
  return (
    <section class="part" id="interventions" aria-labelledby="interventions-name">
      <h2 id="interventions-name">Get in its way</h2>
      <p class="lead">Each of these really happens, to the processes and the database behind the stage.</p>
      <Obstacle />
      <div class="cards">
        <Card name="Hold the CPU" word="hold the CPU">
          <p>One request at each topology on the stage computes for about two seconds. Who has to wait for it?</p>
          <button type="button" disabled={locked.value} onClick={() => void tryChange('POST /api/hold-cpu', {})}>
            Hold the CPU for 2 s
          </button>
        </Card>
        <Card name="Few database connections" word="database connections">
          <p>An event loop waits for many queries at once, as long as it has a connection for each.</p>
          <ConnectionsControl />
        </Card>
        <Card name="End a worker" word="end a worker">
          <p>Its process exits at once. PM2 starts it again; the marks on the charts say when.</p>
          <Workers />
        </Card>
        <Card name="Take the database away" word="database away">
          <p>Nobody can connect to Postgres, and who is connected is cut off. Then it is back.</p>
          <DatabaseAwayButton />
        </Card>
      </div>
    </section>
  );
}

function Card({ name, word, children }: { name: string; word: ExplainedWord; children: ComponentChildren }) {
  return (
    <article class="card">
      <div class="group-head">
        <h3>{name}</h3>
        <What word={word} />
      </div>
      {children}
    </article>
  );
}

function Workers() {
  const shown = settings.value?.deployments ?? [];
  return (
    <ul class="workers">
      {stage.value
        .filter(({ id }) => shown.includes(id))
        .flatMap(staged => {
          const { id, deployment, workers } = staged;
          const others = deployment.threadsPerProcess - 1;
          // They end with their process: one button for all of its workers.
          return workers
            .filter((_, index) => index % deployment.threadsPerProcess === 0)
            .map(worker => (
              <li key={`${id} ${worker}`}>
                <button
                  type="button"
                  disabled={locked.value}
                  aria-label={`End worker ${workerLabel(worker, staged)}${others === 0 ? '' : ` + ${others}, the others of its process`}`}
                  onClick={() => void tryChange('POST /api/end-worker', { id, worker })}
                >
                  {workerLabel(worker, staged)}
                  {others > 0 && ` + ${others}`}
                </button>
              </li>
            ));
        })}
    </ul>
  );
}
