import { render } from 'preact';
import { App } from './app.tsx';
import { startLive } from './live.ts';
import { shareView } from './shared-view.ts';

const root = document.getElementById('page');
if (root === null) throw new Error('index.html has no element "page" for the page to stand in.');
// index.html has the header for the first paint.
root.replaceChildren();
if (new URLSearchParams(location.search).has('plan')) {
  const { PlanPage } = await import('./plan/plan-page.tsx');
  render(<PlanPage />, root);
} else {
  const connect = startLive();
  shareView();
  render(<App onLogin={connect} />, root);
}
