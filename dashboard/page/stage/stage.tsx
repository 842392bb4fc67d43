import type { ReadonlySignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { counted } from '../../../model/quantities.ts';
import type { DeploymentId, Second } from '../../protocol.ts';
import { DeploymentCaption, Legend } from './captions.tsx';
import { laneHeight } from './layout.ts';
import { ProcessButtons } from './process-buttons.tsx';
import { type ShowOptions, StageShow } from './stage-show.ts';
import { StageTable } from './stage-table.tsx';

interface StageProps extends ShowOptions {
  /** The latest point of the charts: throughput and failures are shown beside each deployment. */
  readonly second: ReadonlySignal<Second | undefined>;
  /** Ends a worker. Absent: the viewer may only look at workers. */
  readonly onWorker?: (id: DeploymentId, worker: string) => void;
}

const PICTURE =
  'Requests as dots between clients, load balancers, workers and the database. The table below counts them.';

/** The stage: clients, load balancer and workers of each deployment, with real requests as dots. */
export function Stage({ feed, state, second, onWorker, onFrame }: StageProps) {
  const board = useRef<HTMLDivElement>(null);
  const show = useMemo(() => new StageShow({ feed, state, onFrame }), [feed, state, onFrame]);
  useLayoutEffect(() => (board.current === null ? undefined : show.open(board.current)), [show]);

  const { settings, requestsPerDot = 1, tour } = state.value ?? {};
  const staged = show.deployments.value.filter(({ id }) => settings?.deployments.includes(id));
  const width = show.layout.value?.width ?? 0;
  useLayoutEffect(() => show.measure(), [show, JSON.stringify(staged), width]);

  return (
    <section aria-label="Stage">
      <div class="stage-board" ref={board}>
        <canvas class="stage-canvas" role="img" aria-label={PICTURE} />
        {staged.map(one => (
          <section key={one.id} aria-label={one.label}>
            <DeploymentCaption staged={one} show={show} second={second} />
            <div
              class="stage-lane"
              data-deployment={one.id}
              style={{ height: `${laneHeight(one.deployment, width, staged.length)}px` }}
            >
              <ProcessButtons staged={one} show={show} onWorker={onWorker} />
            </div>
          </section>
        ))}
      </div>
      <Legend requestsPerDot={requestsPerDot} />
      {tour?.phase === 'measuring' && (
        <p class="hint">Stage and charts are drawn less often while the tour measures, to leave it the CPU.</p>
      )}
      {staged.length > 1 && (
        <p class="hint">
          They share this machine’s {counted(show.cpus.value, 'CPU')}, so{' '}
          {staged.length === 2 ? 'one slows the other' : 'each slows the others'}.
        </p>
      )}
      <StageTable staged={staged} show={show} second={second} />
    </section>
  );
}
