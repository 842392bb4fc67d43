import { computed, effect, signal } from '@preact/signals';
import type { Settings } from '../protocol.ts';
import { tryChange } from './changes.ts';
import { machine, state } from './live.ts';
import { allowedSettings, viewQuery } from './view-state.ts';

/** Between two changes of the settings while a slider is dragged. */
const GAP_MS = 200;
/** How long the page shows what it asked for if the server has other settings. */
const PATIENCE_MS = 1000;

const asked = signal<Settings | undefined>(undefined);

/** The settings that controls show: what this page asked for, until the server has it. */
export const settings = computed(() => asked.value ?? state.value?.settings);

/** Asks for other settings. */
export function choose(part: Partial<Settings>): void {
  const present = settings.value;
  if (present === undefined) return;
  const chosen = allowedSettings({ ...present, ...part }, machine.value);
  asked.value = chosen;
  // Also if it is in force: another change may be on its way.
  void send(chosen);
}

/** Whether both ask for the same. */
export function sameSettings(one: Settings | undefined, other: Settings | undefined): boolean {
  return one !== undefined && other !== undefined && viewQuery({ settings: one }) === viewQuery({ settings: other });
}

let next: Settings | undefined;
let isSending = false;

/** Sends settings: one request at a time, at most one in each gap, and always the last. */
async function send(latest: Settings): Promise<void> {
  next = latest;
  if (isSending) return;
  isSending = true;
  while (next !== undefined) {
    const present: Settings = next;
    next = undefined;
    const gap = new Promise<void>(resolve => {
      setTimeout(resolve, GAP_MS);
    });
    await Promise.all([trySettings(present), gap]);
  }
  isSending = false;
}

async function trySettings(sent: Settings): Promise<void> {
  const giveUp = (): void => {
    if (asked.value === sent) asked.value = undefined;
  };
  if (await tryChange('PUT /api/settings', sent)) setTimeout(giveUp, PATIENCE_MS);
  else giveUp();
}

effect(() => {
  if (sameSettings(asked.value, state.value?.settings)) asked.value = undefined;
});
