import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { counted, shownCount, wholePercent } from '../../../model/quantities.ts';
import type { DeploymentId, StagedDeployment, WorkerState } from '../../protocol.ts';
import { What } from '../explanations.tsx';
import { countHeld, listActivities } from './census.ts';
import type { StageShow } from './stage-show.ts';

/** Width of a card in CSS pixels. */
const CARD = 288;

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** A button over each process, which opens a card with what its workers do. */
export function ProcessButtons({
  staged: { id, label, workers },
  show,
  onWorker,
}: {
  readonly staged: StagedDeployment;
  readonly show: StageShow;
  readonly onWorker: ((id: DeploymentId, worker: string) => void) | undefined;
}) {
  const current = useSignal(0);
  const isOpen = useSignal(false);
  const group = useRef<HTMLFieldSetElement>(null);
  const card = useId();
  const lane = show.layout.value?.lanes.find(each => each.id === id);
  if (lane === undefined) return null;

  const processes = lane.rows.flat().map(({ box, workers: indices }) => {
    const names = indices.map(index => workers[index] ?? '');
    const [first = '', last = ''] = [names[0], names.at(-1)];
    const name = names.length === 1 ? `worker ${first}` : `${names.length} workers of one process, ${first} to ${last}`;
    return { left: box.left, top: box.top - lane.band.top, width: box.width, height: box.height, indices, first, name };
  });
  const focus = (index: number): void => {
    current.value = Math.min(Math.max(index, 0), processes.length - 1);
    group.current?.querySelectorAll('button')[current.value]?.focus();
  };
  const close = (): void => {
    isOpen.value = false;
    focus(current.value);
  };
  // There may be fewer than before.
  const chosen = Math.min(current.value, processes.length - 1);
  const shown = isOpen.value ? processes[chosen] : undefined;
  return (
    <>
      <fieldset
        class="stage-processes"
        aria-label={`Workers of ${label}`}
        ref={group}
        onKeyDown={event => {
          // One stop of the Tab key for all, and arrow keys between them: there may be dozens.
          const step = steps[event.key];
          if (step === undefined) return;
          event.preventDefault();
          focus(chosen + step);
        }}
      >
        {processes.map(({ left, top, width, height, name }, index) => (
          <button
            key={index}
            type="button"
            class="stage-process"
            tabIndex={index === chosen ? 0 : -1}
            aria-expanded={isOpen.value && index === chosen}
            aria-controls={card}
            aria-label={name}
            style={{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` }}
            onClick={() => {
              isOpen.value = !isOpen.value || index !== chosen;
              current.value = index;
            }}
          />
        ))}
      </fieldset>
      <div id={card}>
        {shown !== undefined && (
          <ProcessCard
            name={shown.name}
            states={shown.indices.flatMap(index => show.censuses.value[id]?.workers[index] ?? [])}
            left={Math.min(Math.max(shown.left + (shown.width - CARD) / 2, 0), lane.band.width - CARD)}
            top={shown.top + shown.height + 6}
            onEnd={onWorker && (() => onWorker(id, shown.first))}
            onClose={close}
          />
        )}
      </div>
    </>
  );
}

/** What the workers of a process do, and the button that ends them. */
function ProcessCard({
  name,
  states,
  left,
  top,
  onEnd,
  onClose,
}: {
  readonly name: string;
  readonly states: readonly WorkerState[];
  readonly left: number;
  readonly top: number;
  readonly onEnd: (() => void) | undefined;
  readonly onClose: () => void;
}) {
  const buttons = useRef<HTMLDivElement>(null);
  useEffect(() => buttons.current?.querySelector('button')?.focus(), []);
  const sum = (key: 'computing' | 'connections' | 'connectionsInUse'): number =>
    states.reduce((total, state) => total + state[key], 0);
  return (
    <fieldset
      class="stage-card"
      aria-label={name}
      style={{ left: `${left}px`, top: `${top}px`, width: `${CARD}px` }}
      onKeyDown={event => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <strong>{name}</strong>
      <What word="worker" />
      <p class="hint">
        {`${listActivities(states) || 'not seen yet'}; `}
        {`holds ${counted(countHeld(states), 'request')}, `}
        {`computes ${wholePercent(sum('computing') / Math.max(1, states.length))} of the time, `}
        {`uses ${shownCount(sum('connectionsInUse'))} of ${counted(sum('connections'), 'database connection')}`}
      </p>
      <div class="stage-row" ref={buttons}>
        {onEnd !== undefined && (
          <button
            type="button"
            onClick={() => {
              onEnd();
              onClose();
            }}
          >
            {states.length > 1 ? `End these ${states.length} workers` : 'End this worker'}
          </button>
        )}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </fieldset>
  );
}
