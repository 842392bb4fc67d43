import { render } from 'preact';
import { App } from './app.tsx';
import { startLive } from './live.ts';
import { shareView } from './shared-view.ts';
import { asksForPlan } from './view-state.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('index.html has no element "page" for the page to stand in.');
// What stood there until now is part of the page too.
root.replaceChildren();
if (asksForPlan(location.search)) {
  // Nobody watches the stage from there: it may rest.
  const { PlanPage } = await import('./plan/plan-page.tsx');
  render(<PlanPage />, root);
} else {
  const feed = startLive();
  shareView();
  render(<App onLogin={feed.resume} />, root);
}
