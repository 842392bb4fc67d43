import { computed, effect, signal } from '@preact/signals';
import type { Settings } from '../protocol.ts';
import { allowedSettings } from './allowed-settings.ts';
import { tryChange } from './changes.ts';
import { machine, state } from './live.ts';
import { paced } from './pace.ts';
import { queryOf } from './view-state.ts';

/** Between two changes of the settings while a slider is dragged. */
const GAP_MS = 200;
/** For how long the page shows what it has asked for when the server has made something else of it. */
const PATIENCE_MS = 1000;

const asked = signal<Settings | undefined>(undefined);

/** The settings as the controls show them: what this page has asked for, until the server has it. */
export const settings = computed(() => asked.value ?? state.value?.settings);

/** Asks for other settings; what is not given stays. */
export function choose(part: Partial<Settings>): void {
  const present = settings.value;
  if (present === undefined) return;
  const next = allowedSettings({ ...present, ...part }, machine.value);
  asked.value = next;
  // Also when that is what is in force: something else may be on its way.
  send(next);
}

const send = paced(async (next: Settings) => {
  const done = await tryChange('PUT /api/settings', next);
  const giveUp = (): void => {
    if (asked.value === next) asked.value = undefined;
  };
  if (done) setTimeout(giveUp, PATIENCE_MS);
  else giveUp();
}, GAP_MS);

effect(() => {
  if (asked.value !== undefined && sameSettings(asked.value, state.value?.settings)) asked.value = undefined;
});

/** Whether both ask for the same. */
export function sameSettings(one: Settings | undefined, other: Settings | undefined): boolean {
  return one !== undefined && other !== undefined && queryOf({ settings: one }) === queryOf({ settings: other });
}
