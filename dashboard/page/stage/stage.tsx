import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { counted } from '../../../model/quantities.ts';
import type { DeploymentId, Second, State } from '../../protocol.ts';
import { ColumnHeads } from './column-heads.tsx';
import { DeploymentCaption } from './deployment-caption.tsx';
import { laneHeight } from './layout.ts';
import { Legend } from './legend.tsx';
import { ProcessButtons } from './process-buttons.tsx';
import { SpokenStage } from './spoken-stage.tsx';
import { type StageFeed, StageShow } from './stage-show.ts';
import { StageTable } from './stage-table.tsx';

export interface StageProps {
  readonly feed: StageFeed;
  /** As it is now; `undefined` until the first hello. `settings.deployments` are on the stage. */
  readonly state: ReadonlySignal<State | undefined>;
  /** The latest point of the charts: throughput and failures stand beside each deployment. */
  readonly second: ReadonlySignal<Second | undefined>;
  /** The viewer wants this worker ended, and has said so twice. Absent: workers can be looked at, not ended. */
  readonly onWorker?: (id: DeploymentId, worker: string) => void;
  /** After each frame: dots that were drawn, and milliseconds that it took to draw them. */
  readonly onFrame?: (dots: number, tookMs: number) => void;
}

const WHAT_IS_SEEN =
  'Requests as dots between clients, load balancers, workers and the database. The table below says how many are where.';

/** The stage: clients, the load balancer, and for each deployment its workers, with real requests as dots. */
export function Stage({ feed, state, second, onWorker, onFrame }: StageProps) {
  const board = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const show = useMemo(() => new StageShow(feed, state, onFrame), [feed, state, onFrame]);
  useEffect(() => {
    if (board.current !== null && canvas.current !== null) show.open(board.current, canvas.current);
    return () => show.close();
  }, [show]);

  const onStage = state.value?.settings.deployments ?? [];
  const staged = show.deployments.value.filter(({ id }) => onStage.includes(id));
  const all = show.deployments.value.map(({ deployment }) => deployment);
  const width = show.layout.value?.width ?? 0;
  useLayoutEffect(() => show.measure(), [show, JSON.stringify(staged), width]);

  return (
    <section class="stage" aria-label="Stage">
      <div class="stage-board" ref={board}>
        <canvas class="stage-canvas" ref={canvas} role="img" aria-label={WHAT_IS_SEEN} />
        <ColumnHeads layout={show.layout} databaseIsAway={state.value?.databaseBackAt !== undefined} />
        {staged.map(one => (
          <section class="stage-deployment" key={one.id} aria-label={one.label}>
            <DeploymentCaption
              staged={one}
              style={styleDeployment(one.deployment, all)}
              among={all.map(({ spec }) => spec)}
              census={show.census}
              second={second}
            />
            <div
              class="stage-lane"
              data-deployment={one.id}
              style={{ height: `${laneHeight(one.deployment, width, staged.length)}px` }}
            >
              <ProcessButtons staged={one} layout={show.layout} census={show.census} onWorker={onWorker} />
            </div>
          </section>
        ))}
      </div>
      <Legend requestsPerDot={state.value?.requestsPerDot ?? 1} />
      {state.value?.tour?.phase === 'measuring' && (
        <p class="stage-note">
          Stage and charts are drawn less often while the tour measures, so that drawing takes no CPU from it.
        </p>
      )}
      {staged.length > 1 && (
        <p class="stage-note">
          They share this machine’s {counted(show.cpus.value, 'CPU')}, so{' '}
          {staged.length === 2 ? 'one slows the other' : 'each slows the others'}.
        </p>
      )}
      <StageTable staged={staged} census={show.census} second={second} />
      <SpokenStage staged={staged} census={show.census} second={second} />
    </section>
  );
}
