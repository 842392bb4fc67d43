import { useSignal } from '@preact/signals';
import { isConcurrencyLimited, type TopologyName } from '../../../model/topology.ts';
import { settingLimits } from '../../protocol.ts';
import { tryChange } from '../changes.ts';
import { locked, stage, state } from '../live.ts';
import { settings } from '../settings.ts';
import { NumberField } from './number-field.tsx';

/** What a database is usually short of in this demonstration. */
const FEW = 10;

/** The ceiling of database connections of each topology on the stage that can wait for more than one at a time. */
export function ConnectionsControl() {
  const shown = settings.value?.topologies ?? [];
  const limited = stage.value.filter(
    ({ deployment: { topology, spec } }) => shown.includes(topology) && !isConcurrencyLimited(spec),
  );
  if (limited.length === 0) {
    return <p class="hint">A blocking worker has one connection. Put async or hybrid on the stage to limit theirs.</p>;
  }
  return (
    <div class="limits">
      {limited.map(({ deployment, workers }) => (
        <Limit
          key={deployment.topology}
          topology={deployment.topology}
          own={deployment.databaseConnections}
          fewest={workers.length}
        />
      ))}
    </div>
  );
}

interface LimitProps {
  readonly topology: TopologyName;
  /** Connections of the deployment itself. */
  readonly own: number;
  /** Each worker needs one. */
  readonly fewest: number;
}

function Limit({ topology, own, fewest }: LimitProps) {
  const limit = state.value?.databaseConnections[topology];
  const wanted = useSignal(Math.max(FEW, fewest));
  const set = (databaseConnections: number | undefined): void => {
    const body = { topology, ...(databaseConnections !== undefined && { databaseConnections }) };
    void tryChange('PUT /api/database-connections', body);
  };
  return (
    <div class="row">
      <NumberField
        label={topology}
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
            ? `Limit the database connections of ${topology} to ${wanted.value}`
            : `Lift the limit of the database connections of ${topology}`
        }
        onClick={() => set(limit === undefined ? wanted.value : undefined)}
      >
        {limit === undefined ? 'Limit' : 'Lift'}
      </button>
    </div>
  );
}
