import type { ReadonlySignal } from '@preact/signals';
import type { Deployment } from '../../../model/deployment.ts';
import { shownCount, shownRate } from '../../../model/quantities.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { Second } from '../../protocol.ts';
import { Swatch } from '../topology-look.tsx';
import { What } from '../what.tsx';
import type { Census } from './census.ts';
import { deploymentWords } from './stage-words.ts';

/** A topology's name, what it is made of, and what it does at the moment. */
export function TopologyCaption({
  deployment,
  census,
  second,
}: {
  readonly deployment: Deployment;
  readonly census: ReadonlySignal<Partial<Record<TopologyName, Census>>>;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const { topology } = deployment;
  const figures = second.value?.topologies[topology];
  const waiting = census.value[topology]?.waiting ?? 0;
  return (
    <header class="stage-caption">
      <h3>
        <Swatch topology={topology} />
        {topology}
      </h3>
      <p>{deploymentWords(deployment)}</p>
      <dl>
        <div>
          <dt>
            throughput
            <What word="throughput" />
          </dt>
          <dd>{figures === undefined ? '–' : shownRate(figures.throughput)}</dd>
        </div>
        <div class={waiting > 0 ? 'stage-waiting' : undefined}>
          <dt>
            waiting
            <What word="waiting" />
          </dt>
          <dd>{shownCount(waiting)}</dd>
        </div>
        {figures !== undefined && figures.failed > 0 && (
          <div class="stage-failing">
            <dt>
              failed
              <What word="failed" />
            </dt>
            <dd>{shownRate(figures.failed)}</dd>
          </div>
        )}
      </dl>
    </header>
  );
}
