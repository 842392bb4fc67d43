import { useSignal, useSignalEffect } from '@preact/signals';
import { tryChange } from '../changes.ts';
import { clockOffset, locked, state } from '../live.ts';

/** Takes the database away for five seconds, and counts them down. */
export function DatabaseAwayButton() {
  const left = useSignal(0);
  useSignalEffect(() => {
    const back = state.value?.databaseBackAt;
    const count = (): void => {
      left.value = back === undefined ? 0 : Math.max(0, Math.ceil(back - Date.now() / 1000 - clockOffset.value));
    };
    count();
    if (back === undefined) return;
    const ticking = setInterval(count, 250);
    return () => clearInterval(ticking);
  });
  const away = state.value?.databaseBackAt !== undefined;
  return (
    <button type="button" disabled={locked.value || away} onClick={() => void tryChange('POST /api/database-away', {})}>
      {away ? label(left.value) : 'Take it away for 5 s'}
    </button>
  );
}

function label(left: number): string {
  return left > 0 ? `Away, back in ${left} s` : 'Away, back soon';
}
