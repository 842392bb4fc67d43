import type { Rest } from '../protocol.ts';
import { change, tryChange } from './changes.ts';
import { Charts } from './charts/charts.tsx';
import { Controls } from './controls/controls.tsx';
import { Interventions } from './controls/interventions.tsx';
import { What } from './explanations.tsx';
import { connection, labelAt, latestSecond, liveFeed, locked, state } from './live.ts';
import { Advice, PageFrame } from './page-frame.tsx';
import { Results } from './results.tsx';
import { AWAY, access } from './session.ts';
import { choose, settings } from './settings.ts';
import { sharedAddress } from './shared-view.ts';
import { Stage } from './stage/stage.tsx';
import { TourPanel } from './tour/tour-panel.tsx';
import { describeSituation } from './wording.ts';

/** The page with the stage. */
export function App({ onLogin }: { readonly onLogin: () => void }) {
  return (
    <PageFrame
      page="stage"
      purpose="Every dot is a real request to a real worker on this machine: see where they wait."
      address={sharedAddress}
      onLogin={onLogin}
    >
      <div class="banner" role="status">
        {connection.value === 'lost' && <p class="box">{AWAY} You need not reload the page.</p>}
      </div>
      <main data-known={access.value === 'granted' || connection.value === 'lost'}>
        <div class="hero" data-touring={state.value?.tour !== undefined}>
          <section class="stage-part frame" id="stage" aria-labelledby="situation" tabIndex={-1}>
            <Situation />
            <RestNotice />
            <ScaleNotice />
            <Stage
              feed={liveFeed}
              state={state}
              second={latestSecond}
              {...(!locked.value && {
                onWorker: (id, worker) => void tryChange('POST /api/end-worker', { id, worker }),
              })}
            />
          </section>
          <div class="tour-part" id="tour">
            <TourPanel state={state.value?.tour} change={change} mayDrive={!locked.value} />
          </div>
          <Controls />
        </div>
        <Charts />
        <Interventions />
        <Results />
      </main>
    </PageFrame>
  );
}

function Situation() {
  const present = settings.value;
  return (
    <div class="part-head">
      <h2 id="situation">{present === undefined ? 'The stage is loading.' : describeSituation(present, labelAt)}</h2>
      <What word="dot" />
    </div>
  );
}

const rests: Readonly<Record<Rest, string>> = {
  paused: 'Paused: no load is sent.',
  untouched: 'No page changed anything for ten minutes, so the load is paused.',
  unwatched: 'No page was open, so the load is paused.',
  'no-generator': 'k6, which sends the load, is not running. It starts again by itself.',
};

/** Why no load is sent. */
function RestNotice() {
  const { rest, tour } = state.value ?? {};
  // A step of the tour sends its own load.
  const isOfTour = tour !== undefined && rest === 'paused';
  return (
    <div role="status">
      {rest !== undefined && !isOfTour && connection.value === 'open' && (
        <div class="box row">
          <p>{rests[rest]}</p>
          {rest !== 'no-generator' && (
            <button type="button" class="primary" onClick={() => choose({ running: true })}>
              Go
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** Which services have more containers than the page shows, and what to type instead. */
function ScaleNotice() {
  return (
    <div class="scaled">
      {state.value?.scaled?.map(({ service, told, command }) => (
        <div key={service} class="box">
          <Advice text={told} command={command} />
        </div>
      ))}
    </div>
  );
}
