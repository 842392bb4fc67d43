import { change, tryChange } from './changes.ts';
import { Charts } from './charts/charts.tsx';
import { Controls } from './controls/controls.tsx';
import { Interventions } from './controls/interventions.tsx';
import { DashboardProblem } from './dashboard-problem.ts';
import { Header } from './header.tsx';
import { connection, labelAt, latestSecond, liveFeed, locked, state } from './live.ts';
import { Login } from './login.tsx';
import { AwayBanner, RestNotice, ScaleNotice, Toasts } from './notices.tsx';
import { Refused } from './refused.tsx';
import { Results } from './results/results.tsx';
import { access } from './session.ts';
import { settings } from './settings.ts';
import { situationOf } from './situation.ts';
import { Stage } from './stage/stage.tsx';
import { TourPanel } from './tour/tour-panel.tsx';
import { What } from './what.tsx';

/** The whole page; `onLogin` is called once its reader may see what is there. */
export function App({ onLogin }: { readonly onLogin: () => void }) {
  if (access.value === 'locked') return <Login onDone={onLogin} />;
  if (access.value instanceof DashboardProblem) return <Refused problem={access.value} />;
  return (
    <>
      <Header />
      <AwayBanner />
      <main data-known={access.value === 'granted' || connection.value === 'lost'}>
        <div class="hero" data-touring={state.value?.tour !== undefined}>
          <section class="stage-part" id="stage" aria-labelledby="situation" tabIndex={-1}>
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
      <Toasts />
    </>
  );
}

/** What happens on the stage, in a sentence. */
function Situation() {
  const present = settings.value;
  return (
    <div class="situation">
      <h2 id="situation">{present === undefined ? 'The stage is being set.' : situationOf(present, labelAt)}</h2>
      <What word="dot" />
    </div>
  );
}
