import type { Rest } from '../protocol.ts';
import { connection, locked, state } from './live.ts';
import { choose } from './settings.ts';
import { dismiss, toasts } from './toasts.ts';

/** Says calmly that the server is away; the page comes back by itself. */
export function AwayBanner() {
  return (
    <div class="banner" role="status">
      {connection.value === 'lost' && (
        <p class="away">
          The dashboard is away. The page comes back by itself when it does; nothing needs to be loaded again.
        </p>
      )}
    </div>
  );
}

const rests: Readonly<Record<Rest, string>> = {
  paused: 'Paused: no load is sent.',
  untouched: 'Nobody has touched anything for ten minutes, so the load rests.',
  unwatched: 'Nobody was watching, so the load rests.',
  'no-generator': 'k6, which sends the load, is not there. It is started again by itself.',
};

/** Why no load is sent, and how to go on. */
export function RestNotice() {
  const { rest, tour } = state.value ?? {};
  // A step of the tour sends its load itself, and no other while it is at it.
  const isOfTour = tour !== undefined && rest === 'paused';
  return (
    <div class="rest" role="status">
      {rest !== undefined && !isOfTour && connection.value === 'open' && (
        <>
          <p>{rests[rest]}</p>
          {rest !== 'no-generator' && (
            <button type="button" class="primary" disabled={locked.value} onClick={() => choose({ running: true })}>
              {rest === 'paused' ? 'Go' : 'Go on'}
            </button>
          )}
        </>
      )}
    </div>
  );
}

/** Which services have more containers than their figures show, and what to type instead. */
export function ScaleNotice() {
  return (
    <div class="scaled" role="status">
      {state.value?.scaled?.map(({ service, told, command }) => (
        <div key={service}>
          <p>{told}</p>
          <pre>{command}</pre>
        </div>
      ))}
    </div>
  );
}

/** Short messages, each with what can be done about it. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ number, message }) => (
        <div key={number} class="toast">
          <p>{message}</p>
          <button type="button" class="close" aria-label="Close this message" onClick={() => dismiss(number)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
