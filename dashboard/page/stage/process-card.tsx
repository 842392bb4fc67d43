import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { counted, shownCount, wholePercent } from '../../../model/quantities.ts';
import type { DeploymentId } from '../../protocol.ts';
import { What } from '../explanations.tsx';
import type { Census } from './census.ts';
import type { Box } from './process-places.ts';
import { activityWords } from './stage-words.ts';
import { activityOf } from './worker-activity.ts';

const WIDTH = 264;

/** What the workers of a process do at the moment, and the button that ends them. */
export function ProcessCard({
  id,
  name,
  workers,
  census,
  place,
  band,
  onEnd,
  onClose,
}: {
  readonly id: DeploymentId;
  readonly name: string;
  readonly workers: readonly number[];
  readonly census: ReadonlySignal<Partial<Record<DeploymentId, Census>>>;
  readonly place: Box | undefined;
  readonly band: Box;
  readonly onEnd: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const states = workers.flatMap(worker => census.value[id]?.workers[worker] ?? []);
  const sum = (of: (state: (typeof states)[number]) => number): number =>
    states.reduce((total, state) => total + of(state), 0);
  const activities = states.map(activityOf);
  const doing = (['computing', 'waiting', 'idle', 'gone'] as const).flatMap(activity => {
    const count = activities.filter(each => each === activity).length;
    if (count === 0) return [];
    return [states.length === 1 ? activityWords[activity] : `${count} ${activityWords[activity]}`];
  });
  const centre = (place?.left ?? 0) + (place?.width ?? 0) / 2;
  return (
    <fieldset
      class="stage-card"
      aria-label={name}
      style={{
        left: `${Math.min(Math.max(centre - WIDTH / 2, 0), band.width - WIDTH)}px`,
        top: `${(place?.top ?? 0) - band.top + (place?.height ?? 0) + 6}px`,
        width: `${WIDTH}px`,
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div class="stage-card-name">
        <strong>{name}</strong>
        <What word="worker" />
      </div>
      <p>
        {doing.join(', ') || 'not seen yet'}; holds{' '}
        {counted(
          sum(state => state.inProgress),
          'request',
        )}
        , computes {wholePercent(sum(state => state.computing) / Math.max(1, states.length))} of the time, uses{' '}
        {shownCount(sum(state => state.connectionsInUse))} of{' '}
        {counted(
          sum(state => state.connections),
          'database connection',
        )}
      </p>
      <div class="stage-card-buttons">
        {onEnd !== undefined && (
          <button type="button" class="stage-end" ref={first} onClick={onEnd}>
            {workers.length === 1 ? 'End this worker' : `End these ${workers.length} workers`}
          </button>
        )}
        <button type="button" ref={onEnd === undefined ? first : null} onClick={onClose}>
          Close
        </button>
      </div>
    </fieldset>
  );
}
