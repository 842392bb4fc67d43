import { useSignal } from '@preact/signals';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import { type DeploymentId, settingLimits } from '../../protocol.ts';
import { tryChange } from '../changes.ts';
import { locked, stage, state } from '../live.ts';
import { settings } from '../settings.ts';
import { NumberField } from './number-field.tsx';

/** What a database is usually short of in this demonstration. */
const FEW = 10;

/** The ceiling of database connections of each deployment on the stage that can wait for more than one at a time. */
export function ConnectionsControl() {
  const shown = settings.value?.deployments ?? [];
  const limited = stage.value.filter(
    ({ id, deployment: { spec } }) => shown.includes(id) && !isConcurrencyLimited(spec),
  );
  if (limited.length === 0) {
    const labels = stage.value
      .filter(({ deployment }) => !isConcurrencyLimited(deployment.spec))
      .map(({ label }) => label);
    const advice = labels.length === 0 ? '' : ` Put ${labels.join(' or ')} on the stage to limit theirs.`;
    return <p class="hint">A blocking worker has one connection.{advice}</p>;
  }
  return (
    <div class="limits">
      {limited.map(({ id, label, deployment, workers }) => (
        <Limit key={id} id={id} label={label} own={deployment.databaseConnections} fewest={workers.length} />
      ))}
    </div>
  );
}

interface LimitProps {
  readonly id: DeploymentId;
  readonly label: string;
  /** Connections of the deployment itself. */
  readonly own: number;
  /** Each worker needs one. */
  readonly fewest: number;
}

function Limit({ id, label, own, fewest }: LimitProps) {
  const limit = state.value?.databaseConnections[id];
  const wanted = useSignal(Math.max(Math.min(FEW, Math.floor(own / 2)), fewest));
  const set = (databaseConnections: number | undefined): void => {
    const body = { id, ...(databaseConnections !== undefined && { databaseConnections }) };
    void tryChange('PUT /api/database-connections', body);
  };
  return (
    <div class="row">
      <NumberField
        label={label}
        value={limit ?? wanted.value}
        minimum={fewest}
        maximum={settingLimits.databaseConnections}
        unit={`of ${own}`}
        onNumber={value => {
          wanted.value = value;
          if (limit !== undefined) set(value);
        }}
      />
      <button
        type="button"
        disabled={locked.value}
        aria-label={
          limit === undefined
            ? `Limit the database connections of ${label} to ${wanted.value}`
            : `Lift the limit of the database connections of ${label}`
        }
        onClick={() => set(limit === undefined ? wanted.value : undefined)}
      >
        {limit === undefined ? 'Limit' : 'Lift'}
      </button>
    </div>
  );
}
