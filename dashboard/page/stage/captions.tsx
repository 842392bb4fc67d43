import type { ReadonlySignal } from '@preact/signals';
import { Swatch } from '../../../lab/view/swatch.ts';
import { describeWorkers } from '../../../model/deployment.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { shownCount, shownRate, shownTime } from '../../../model/quantities.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import { OBJECTIVE, REPLAY_DELAY, type Second, type StagedDeployment } from '../../protocol.ts';
import { type ExplainedWord, What } from '../explanations.tsx';
import { AGEING, type DotShape, dotShapes } from './dot-looks.ts';
import type { StageShow } from './stage-show.ts';

/** The name of a deployment, what it consists of, and its figures. */
export function DeploymentCaption({
  staged: { id, label, deployment },
  show,
  second,
}: {
  readonly staged: StagedDeployment;
  readonly show: StageShow;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const all = show.deployments.value.map(one => one.deployment);
  const { processes, threadsPerProcess, spec } = deployment;
  const topologies = all.map(one => one.spec);
  const requests = isConcurrencyLimited(spec) ? 'one request' : 'many requests';
  const { throughput, failed = 0 } = second.value?.deployments[id] ?? {};
  return (
    <header class="stage-caption stage-row">
      <h3>
        <Swatch style={styleDeployment(deployment, all)} />
        {label}
      </h3>
      <p class="hint">{`${describeWorkers(deployment, topologies)}, ${requests} ${processes * threadsPerProcess === 1 ? 'at a time' : 'each'}`}</p>
      <dl class="stage-row">
        <Figure word="throughput" value={throughput === undefined ? '–' : shownRate(throughput)} />
        <Figure word="waiting" value={shownCount(show.censuses.value[id]?.waiting ?? 0)} />
        {failed > 0 && <Figure word="failed" value={shownRate(failed)} />}
      </dl>
    </header>
  );
}

function Figure({ word, value }: { readonly word: ExplainedWord; readonly value: string }) {
  return (
    <div class={`stage-${word}`}>
      <dt class="hint">
        {word}
        <What word={word} />
      </dt>
      <dd>{value}</dd>
    </div>
  );
}

/** What dots and signs mean. */
export function Legend({ requestsPerDot }: { readonly requestsPerDot: number }) {
  const { fresh, ageing, late, failed } = dotShapes;
  const arc: DotShape = { colour: 'computing', stroke: 'M0 -1A1 1 0 1 1 -.95 -.31', width: 0.5 };
  const connections: DotShape = { colour: 'database', stroke: 'M-.8 -.45H.8M-.8 .45H.8', width: 0.4 };
  const signs: readonly (readonly [DotShape, string])[] = [
    [fresh, requestsPerDot > 1 ? `1 dot = ${requestsPerDot} requests` : '1 dot = 1 request'],
    [ageing, `older than ${shownTime(AGEING)}`],
    [late, `later than the objective, ${shownTime(OBJECTIVE)}`],
    [failed, 'failed'],
    [arc, 'share of time in which a worker computes'],
    [connections, 'database connections in use'],
  ];
  return (
    <ul class="stage-row hint">
      {signs.map(([{ colour, fill, stroke, width }, meaning]) => (
        <li key={meaning}>
          <svg width="14" height="14" viewBox="-1.4 -1.4 2.8 2.8" aria-hidden="true">
            <path d={fill} fill={`var(--${colour})`} />
            <path d={stroke} fill="none" stroke={`var(--${colour})`} stroke-width={width} stroke-linecap="round" />
          </svg>
          {meaning}
        </li>
      ))}
      <li>shown {shownTime(REPLAY_DELAY)} after it happened</li>
    </ul>
  );
}
