import { tourSteps } from '../../protocol.ts';
import type { TourPanelProps } from './tour-panel.tsx';
import { useChange } from './use-change.ts';

/** Asks to come along, when nobody is on the tour. */
export function Invitation({ change, mayDrive }: Omit<TourPanelProps, 'state'>) {
  const { ask, problem } = useChange(change);
  return (
    <section class="tour" aria-labelledby="tour-title">
      <h2 id="tour-title">The guided tour</h2>
      <p>
        {tourSteps.length} steps, half a minute each: guess what happens, and this machine shows and measures it. Next
        and Back; you can leave at any moment.
      </p>
      <p class="tour-ways">
        <button
          type="button"
          class="primary"
          disabled={!mayDrive}
          onClick={() => void ask('POST /api/tour/enter', { step: tourSteps[0] })}
        >
          Take the tour
        </button>
      </p>
      {problem !== undefined && (
        <p class="tour-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
