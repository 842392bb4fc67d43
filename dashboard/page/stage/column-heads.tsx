import type { ReadonlySignal } from '@preact/signals';
import type { StageLayout } from './layout.ts';

/** What stands below each other on the stage, named once above it. */
export function ColumnHeads({
  layout,
  databaseIsAway,
}: {
  readonly layout: ReadonlySignal<StageLayout | undefined>;
  readonly databaseIsAway: boolean;
}) {
  const { lanes, database, width } = layout.value ?? { lanes: [], database: undefined, width: 0 };
  const lane = lanes[0];
  if (lane === undefined || database === undefined) return <div class="stage-heads" />;
  const { clients, balancer, processes } = lane;
  const left = Math.min(...processes.map(({ box }) => box.left));
  const right = Math.max(...processes.map(({ box }) => box.left + box.width));
  return (
    <div class="stage-heads" aria-hidden="true">
      <span class="stage-head-left" style={{ left: `${clients.left}px` }}>
        clients
      </span>
      <span class="stage-head-waiting" style={{ left: `${balancer.left + balancer.width / 2 - 24}px` }}>
        waiting
      </span>
      <span class="stage-head-gate" style={{ left: `${balancer.left + balancer.width}px` }}>
        load balancer
      </span>
      <span style={{ left: `${(left + right) / 2}px` }}>workers</span>
      <span class="stage-head-right" style={{ right: `${width - database.left - database.width}px` }}>
        {databaseIsAway ? <strong class="stage-away">away</strong> : 'database'}
      </span>
    </div>
  );
}
