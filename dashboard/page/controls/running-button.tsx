import { locked } from '../live.ts';
import { choose, settings } from '../settings.ts';

/** Sends the load, or does not. */
export function RunningButton() {
  const running = settings.value?.running ?? false;
  return (
    <button
      type="button"
      class={running ? 'running' : 'running primary'}
      aria-pressed={!running}
      disabled={locked.value}
      onClick={() => choose({ running: !running })}
    >
      {running ? 'Pause' : 'Go'}
    </button>
  );
}
