import { type ReadonlySignal, useSignal } from '@preact/signals';
import { shownCount, shownRate } from '../../../model/quantities.ts';
import type { DeploymentId, Second, StagedDeployment } from '../../protocol.ts';
import type { Census } from './census.ts';
import { activityOf } from './worker-activity.ts';

/** The stage as a table of counts, for who asks for it. */
export function StageTable({
  staged,
  census,
  second,
}: {
  readonly staged: readonly StagedDeployment[];
  readonly census: ReadonlySignal<Partial<Record<DeploymentId, Census>>>;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const isOpen = useSignal(false);
  return (
    <details
      class="stage-counts"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>The stage as a table</summary>
      {isOpen.value && (
        <table>
          <thead>
            <tr>
              <th scope="col">topology</th>
              <th scope="col">throughput</th>
              <th scope="col">waiting at the pool</th>
              <th scope="col">held by workers</th>
              <th scope="col">workers computing</th>
              <th scope="col">waiting for the database</th>
              <th scope="col">idle</th>
              <th scope="col">gone</th>
            </tr>
          </thead>
          <tbody>
            {staged.map(({ id, label }) => {
              const { waiting = 0, held = [], workers = [] } = census.value[id] ?? {};
              const activities = workers.map(activityOf);
              const throughput = second.value?.deployments[id]?.throughput;
              return (
                <tr key={id}>
                  <th scope="row">{label}</th>
                  <td>{throughput === undefined ? '–' : shownRate(throughput)}</td>
                  <td>{shownCount(waiting)}</td>
                  <td>{shownCount(held.reduce((sum, count) => sum + count, 0))}</td>
                  {(['computing', 'waiting', 'idle', 'gone'] as const).map(activity => (
                    <td key={activity}>{activities.filter(each => each === activity).length}</td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </details>
  );
}
