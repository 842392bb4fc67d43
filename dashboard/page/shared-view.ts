import { signal } from '@preact/signals';
import { type Hello, settingLimits } from '../protocol.ts';
import { tryChange } from './changes.ts';
import { type ChartName, chartNames } from './charts/definitions.ts';
import { liveFeed, stage, state } from './live.ts';
import { keepQuery } from './query.ts';
import { choose, sameSettings } from './settings.ts';
import { chartsIn, connectionsIn, settingsIn, tourIn, viewQuery } from './view-state.ts';

/** The charts that are open. */
export const openCharts = signal<readonly ChartName[]>(chartsIn(location.search) ?? chartNames);

/** Keeps the page and its address together. A page that opens asks once for what its address says. */
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

/** The address that shows others what this page shows. */
export function sharedAddress(): string {
  return `${location.origin}${location.pathname}${presentQuery()}`;
}

function askForView({ state: present, stage, cpus }: Hello): void {
  const { search } = location;
  const tour = tourIn(search);
  if (tour !== undefined) {
    if (present.tour?.step !== tour) void tryChange('POST /api/tour/enter', { step: tour });
    return;
  }
  const asked = settingsIn(search, present.settings, { deployments: stage, cpus });
  if (asked !== undefined && !sameSettings(asked, present.settings)) choose(asked);
  for (const [id, databaseConnections] of Object.entries(connectionsIn(search, stage))) {
    if (present.databaseConnections[id] === databaseConnections) continue;
    void tryChange('PUT /api/database-connections', { id, databaseConnections });
  }
}

function presentQuery(): string {
  // What the address asks for stays in it until the server has it.
  if (state.value === undefined) return location.search;
  const { settings, databaseConnections: connections, tour } = state.value;
  const view = { settings, connections, charts: openCharts.value, ...(tour && { tour: tour.step }) };
  return viewQuery(view, stage.value);
}
