import { signal } from '@preact/signals';
import { type Hello, settingLimits } from '../protocol.ts';
import { tryChange } from './changes.ts';
import { type ChartName, chartNames } from './charts/names.ts';
import { keepQuery } from './kept-query.ts';
import { liveFeed, stage, state } from './live.ts';
import { choose, sameSettings } from './settings.ts';
import { chartsIn, connectionsIn, queryOf, settingsIn, tourIn } from './view-state.ts';

/** The charts that are open. */
export const openCharts = signal<readonly ChartName[]>(chartsIn(location.search) ?? chartNames);

/** Keeps the page's address and what the page shows together. A page that opens asks once for what its address says. */
export function shareView(): void {
  let started: number | undefined;
  let touchedAt = performance.now();
  const touch = (): void => {
    touchedAt = performance.now();
  };
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, touch, { capture: true, passive: true });
  liveFeed.subscribe({
    hello: hello => {
      // A server that started again has forgotten what a page in use was showing.
      const isInUse = performance.now() - touchedAt < settingLimits.untouched * 1000;
      if (started === undefined || (hello.started !== started && isInUse)) askForView(hello);
      started = hello.started;
    },
    frame: () => {},
  });
  keepQuery(presentQuery);
}

/** The address under which somebody else sees what this page shows. */
export function sharedAddress(): string {
  return `${location.origin}${location.pathname}${presentQuery()}`;
}

function askForView({ state: present, stage, cpus }: Hello): void {
  const machine = { deployments: stage, cpus };
  const asked = settingsIn(location.search, present.settings, machine);
  const tour = tourIn(location.search);
  const connections = Object.entries(connectionsIn(location.search, stage));
  if (asked === undefined && tour === undefined && connections.length === 0) return;
  if (tour !== undefined) {
    if (present.tour?.step !== tour) void tryChange('POST /api/tour/enter', { step: tour });
  } else {
    if (asked !== undefined && !sameSettings(asked, present.settings)) choose(asked);
    for (const [id, databaseConnections] of connections) {
      if (present.databaseConnections[id] === databaseConnections) continue;
      void tryChange('PUT /api/database-connections', { id, databaseConnections });
    }
  }
}

function presentQuery(): string {
  const present = state.value;
  const charts = openCharts.value;
  // What the address asks for stays in it until the server has it.
  if (present === undefined) return location.search;
  const { settings, databaseConnections: connections, tour } = present;
  return queryOf({ settings, connections, charts, ...(tour && { tour: tour.step }) }, stage.value);
}
