import type { ReadonlySignal } from '@preact/signals';
import { Swatch } from '../../../lab/view/swatch.ts';
import type { DeploymentStyle } from '../../../model/deployment-style.ts';
import { shownCount, shownRate } from '../../../model/quantities.ts';
import type { Topology } from '../../../model/topology.ts';
import type { DeploymentId, Second, StagedDeployment } from '../../protocol.ts';
import { What } from '../what.tsx';
import type { Census } from './census.ts';
import { deploymentWords } from './stage-words.ts';

/** A deployment's name, what it is made of, and what it does at the moment. */
export function DeploymentCaption({
  staged: { id, label, deployment },
  style,
  among,
  census,
  second,
}: {
  readonly staged: StagedDeployment;
  readonly style: DeploymentStyle;
  /** The topologies of the stack. */
  readonly among: readonly Topology[];
  readonly census: ReadonlySignal<Partial<Record<DeploymentId, Census>>>;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const figures = second.value?.deployments[id];
  const waiting = census.value[id]?.waiting ?? 0;
  return (
    <header class="stage-caption">
      <h3>
        <Swatch style={style} />
        {label}
      </h3>
      <p>{deploymentWords(deployment, among)}</p>
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
