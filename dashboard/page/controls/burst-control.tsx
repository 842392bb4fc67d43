import { useSignal } from '@preact/signals';
import { largestBurst } from '../../work.ts';
import { tryChange } from '../changes.ts';
import { locked, machine } from '../live.ts';
import { settings } from '../settings.ts';
import { Group } from './group.tsx';
import { NumberField } from './number-field.tsx';

/** Requests that are sent at the same instant. */
export function BurstControl() {
  const requests = useSignal(20);
  const present = settings.value;
  const most = present === undefined ? 1 : largestBurst(present, machine.value);
  const send = (count: number): void => void tryChange('POST /api/burst', { requests: count });
  return (
    <Group name="Burst" word="burst">
      <div class="row">
        {[5, 100].map(count => (
          <button
            key={count}
            type="button"
            disabled={locked.value}
            aria-label={`Burst of ${count}`}
            onClick={() => send(count)}
          >
            {count}
          </button>
        ))}
        <NumberField
          label="Requests of a burst"
          labelHidden
          value={requests.value}
          minimum={1}
          maximum={most}
          onNumber={value => {
            requests.value = value;
          }}
        />
        <button
          type="button"
          disabled={locked.value}
          aria-label={`Send a burst of ${requests.value}`}
          onClick={() => send(requests.value)}
        >
          Send
        </button>
      </div>
    </Group>
  );
}
