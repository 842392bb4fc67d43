import { isConcurrencyLimited } from '../../../model/topology.ts';
import { type StagedDeployment, settingLimits } from '../../protocol.ts';
import { tryChange } from '../changes.ts';
import { locked, stage, state } from '../live.ts';
import { settings } from '../settings.ts';
import { workerLabel } from '../wording.ts';
import { Group, NumberField } from './fields.tsx';

/** What can be done to the running stack. */
export function Interventions() {
  const isAway = state.value?.databaseBackAt !== undefined;
  return (
    <section class="part" id="interventions" aria-labelledby="interventions-name">
      <h2 id="interventions-name">Interventions</h2>
      <p class="lead">Each of these really happens to the processes and the database behind the stage.</p>
      <fieldset class="cards" disabled={locked.value}>
        <Group name="Hold the CPU" word="hold the CPU">
          <p class="hint">
            One request at each deployment on the stage computes for about two seconds. Which others wait for it?
          </p>
          <button type="button" onClick={() => void tryChange('POST /api/hold-cpu', {})}>
            Hold the CPU for 2 s
          </button>
        </Group>
        <Group name="Few database connections" word="database connections">
          <p class="hint">An event loop waits for many queries at once, if it has a connection for each.</p>
          <ConnectionLimits />
        </Group>
        <Group name="End a worker" word="end a worker">
          <p class="hint">Its process exits at once. PM2 starts it again; the marks on the charts show when.</p>
          <Workers />
        </Group>
        <Group name="Take the database away" word="database away">
          <p class="hint">Postgres accepts no connections, and existing ones are cut off. Then it is back.</p>
          <button type="button" disabled={isAway} onClick={() => void tryChange('POST /api/database-away', {})}>
            {isAway ? 'Away, back soon' : 'Take it away for 5 s'}
          </button>
        </Group>
      </fieldset>
    </section>
  );
}

function ConnectionLimits() {
  const shown = settings.value?.deployments ?? [];
  const loops = stage.value.filter(({ deployment }) => !isConcurrencyLimited(deployment.spec));
  const limited = loops.filter(({ id }) => shown.includes(id));
  if (limited.length === 0) {
    const names = loops.map(({ label }) => label).join(' or ');
    const advice = names === '' ? '' : ` Put ${names} on the stage to limit its connections.`;
    return <p class="hint">A blocking worker has one connection.{advice}</p>;
  }
  return (
    <div class="stack">
      {limited.map(staged => (
        <ConnectionLimit key={staged.id} staged={staged} />
      ))}
    </div>
  );
}

function ConnectionLimit({ staged: { id, label, deployment, workers } }: { readonly staged: StagedDeployment }) {
  const own = deployment.databaseConnections;
  const limit = state.value?.databaseConnections[id];
  // Each worker needs one.
  const few = Math.max(Math.min(10, Math.floor(own / 2)), workers.length);
  const set = (databaseConnections: number): void => {
    void tryChange('PUT /api/database-connections', { id, databaseConnections });
  };
  return (
    <div class="row">
      <NumberField
        label={label}
        value={limit ?? own}
        minimum={workers.length}
        maximum={settingLimits.databaseConnections}
        unit={`of ${own}`}
        onNumber={set}
      />
      {limit === undefined ? (
        <button
          type="button"
          aria-label={`Limit to ${few} database connections of ${label}`}
          onClick={() => set(few)}
        >{`Limit to ${few}`}</button>
      ) : (
        <button
          type="button"
          aria-label={`Lift the limit of the database connections of ${label}`}
          onClick={() => void tryChange('PUT /api/database-connections', { id })}
        >
          Lift
        </button>
      )}
    </div>
  );
}

function Workers() {
  const shown = settings.value?.deployments ?? [];
  return (
    <ul class="row">
      {stage.value
        .filter(({ id }) => shown.includes(id))
        .flatMap(staged => {
          const { id, deployment, workers } = staged;
          const others = deployment.threadsPerProcess - 1;
          // One button for all workers of a process: they end together.
          return workers
            .filter((_, index) => index % deployment.threadsPerProcess === 0)
            .map(worker => (
              <li key={`${id} ${worker}`}>
                <button
                  type="button"
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
