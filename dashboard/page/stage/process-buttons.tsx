import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { counted } from '../../../model/quantities.ts';
import type { DeploymentId, StagedDeployment } from '../../protocol.ts';
import type { Census } from './census.ts';
import type { StageLayout } from './layout.ts';
import { ProcessCard } from './process-card.tsx';

/** A button over each process: it tells what its workers do, and can end them. */
export function ProcessButtons({
  staged: { id, label, workers },
  layout,
  census,
  onWorker,
}: {
  readonly staged: StagedDeployment;
  readonly layout: ReadonlySignal<StageLayout | undefined>;
  readonly census: ReadonlySignal<Partial<Record<DeploymentId, Census>>>;
  readonly onWorker: ((id: DeploymentId, worker: string) => void) | undefined;
}) {
  const lane = layout.value?.lanes.find(each => each.id === id);
  const current = useSignal(0);
  const opened = useSignal<number | undefined>(undefined);
  const group = useRef<HTMLFieldSetElement>(null);
  const card = useId();
  if (lane === undefined) return null;

  const { processes, band } = lane;
  const buttons = (): HTMLButtonElement[] => [...(group.current?.querySelectorAll('button') ?? [])];
  const go = (index: number): void => {
    current.value = Math.min(Math.max(index, 0), processes.length - 1);
    buttons()[current.value]?.focus();
  };
  // One stop of the Tab key for all, and arrows between them: there may be dozens.
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(current.value + step);
  };
  return (
    <>
      <fieldset class="stage-processes" aria-label={`Workers of ${label}`} ref={group} onKeyDown={onKeyDown}>
        {processes.map(({ box, workers: own }, index) => (
          <button
            key={index}
            type="button"
            class="stage-process"
            tabIndex={index === Math.min(current.value, processes.length - 1) ? 0 : -1}
            aria-expanded={opened.value === index}
            aria-controls={card}
            aria-label={processName(workers, own)}
            style={{
              left: `${box.left - band.left}px`,
              top: `${box.top - band.top}px`,
              width: `${box.width}px`,
              height: `${box.height}px`,
            }}
            onClick={() => {
              current.value = index;
              opened.value = opened.value === index ? undefined : index;
            }}
          />
        ))}
      </fieldset>
      <div id={card}>
        {opened.value !== undefined && processes[opened.value] !== undefined && (
          <ProcessCard
            id={id}
            name={processName(workers, processes[opened.value]?.workers ?? [])}
            workers={processes[opened.value]?.workers ?? []}
            census={census}
            place={processes[opened.value]?.box}
            band={band}
            onEnd={
              onWorker === undefined
                ? undefined
                : () => {
                    const worker = workers[processes[opened.value ?? 0]?.workers[0] ?? 0];
                    if (worker !== undefined) onWorker(id, worker);
                    opened.value = undefined;
                    go(current.value);
                  }
            }
            onClose={() => {
              opened.value = undefined;
              go(current.value);
            }}
          />
        )}
      </div>
    </>
  );
}

/** `worker sync-1.1`, or `process of sync-threads-1.1 to sync-threads-1.8, 8 workers`. */
function processName(workers: readonly string[], own: readonly number[]): string {
  const first = workers[own[0] ?? 0] ?? '';
  if (own.length === 1) return `worker ${first}`;
  return `${counted(own.length, 'worker')} of one process, ${first} to ${workers[own.at(-1) ?? 0] ?? ''}`;
}
