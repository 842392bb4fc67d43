import { effect, signal } from '@preact/signals';
import { type Hello, settingLimits } from '../protocol.ts';
import { tryChange } from './changes.ts';
import { type ChartName, chartNames } from './charts/definitions.ts';
import { keepQuery } from './kept-query.ts';
import { drivenByOther, drives, liveFeed, stage, state } from './live.ts';
import { choose, sameSettings } from './settings.ts';
import { toast } from './toasts.ts';
import { chartsIn, connectionsIn, queryOf, settingsIn, tourIn } from './view-state.ts';

/** The charts that are open. */
export const openCharts = signal<readonly ChartName[]>(chartsIn(location.search) ?? chartNames);

/** Keeps the page's address and what the page shows together: what the address asks for is done once, when it may be. */
export function shareView(): void {
  let isNew = true;
  let drove = false;
  // To open the page is to touch it.
  let touchedAt = performance.now();
  const touch = (): void => {
    touchedAt = performance.now();
  };
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, touch, { capture: true, passive: true });
  effect(() => {
    if (drives.value) drove = true;
    else if (drivenByOther.value) drove = false;
  });
  liveFeed.subscribe({
    hello: hello => {
      // Who drove before the server was away, and has not long left since, gets back what was there.
      const isThere = performance.now() - touchedAt < settingLimits.untouched * 1000;
      if (isNew || (drove && isThere)) askForView(hello, isNew);
      isNew = false;
    },
    frame: () => {},
  });
  keepQuery(queryHere);
}

/** The address under which somebody else sees what this page shows. */
export function sharedAddress(): string {
  return `${location.origin}${location.pathname}${presentQuery()}`;
}

function askForView({ state: present, tag, stage, cpus }: Hello, isNew: boolean): void {
  const machine = { deployments: stage, cpus };
  const asked = settingsIn(location.search, present.settings, machine);
  const tour = tourIn(location.search);
  const connections = Object.entries(connectionsIn(location.search, stage));
  if (asked === undefined && tour === undefined && connections.length === 0) return;
  if (present.driver !== undefined && present.driver !== tag) {
    if (isNew) toast({ message: 'Somebody else drives: you see what they see, not what the address asks for.' });
  } else if (tour !== undefined) {
    if (present.tour?.step !== tour) void tryChange('POST /api/tour/enter', { step: tour });
  } else {
    if (asked !== undefined && !sameSettings(asked, present.settings)) choose(asked);
    for (const [id, databaseConnections] of connections) {
      if (present.databaseConnections[id] === databaseConnections) continue;
      void tryChange('PUT /api/database-connections', { id, databaseConnections });
    }
  }
}

/** Who drives has chosen what is shown; the address of who watches keeps what it asked for. */
function queryHere(): string {
  if (drives.value) return presentQuery();
  const fields = location.search.slice(1).split('&');
  const kept = fields.filter(field => field !== '' && !field.startsWith('charts='));
  const charts = queryOf({ charts: openCharts.value }).slice(1);
  const all = charts === '' ? kept : [...kept, charts];
  return all.length === 0 ? '' : `?${all.join('&')}`;
}

function presentQuery(): string {
  const present = state.value;
  const charts = openCharts.value;
  if (present === undefined) return queryOf({ charts });
  const { settings, databaseConnections: connections, tour } = present;
  return queryOf({ settings, connections, charts, ...(tour && { tour: tour.step }) }, stage.value);
}
