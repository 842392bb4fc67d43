import { computed, effect, signal } from '@preact/signals';
import type { DeploymentId, Second } from '../../protocol.ts';
import { latestSecond, occurrences, seconds, stage, state } from '../live.ts';
import { deploymentsIn } from './definitions.ts';

/** The moment under the pointer, of all charts alike. */
export const hovered = signal<number | undefined>(undefined);

/** The second that figures are read from: the one under the pointer, or the latest. */
export const readSecond = computed<Second | undefined>(() => {
  const time = hovered.value;
  return (time === undefined ? undefined : seconds.value.find(second => second.time === time)) ?? latestSecond.value;
});

let before: readonly DeploymentId[] = [];

/** Deployments that the charts have lines of; the same array for as long as they are the same. */
export const shownDeployments = computed<readonly DeploymentId[]>(() => {
  const staged = stage.value.map(({ id }) => id);
  const now = deploymentsIn(seconds.value, staged, state.value?.settings.deployments ?? []);
  if (now.join() !== before.join()) before = now;
  return before;
});

/** Whether the page can be seen: a hidden page is not drawn. */
export const visible = signal(!document.hidden);

document.addEventListener('visibilitychange', () => {
  visible.value = !document.hidden;
});

/** Milliseconds between two drawings while the tour measures; a little less than two seconds, which come one by one. */
const MEASURING_MS = 1900;

/**
 * Changes whenever the charts are to be drawn: with each second while the page is visible. While the tour measures, with
 * every other second, as the page takes CPU time from what is measured.
 */
export const redraw = signal(0);

let drawnAt = Number.NEGATIVE_INFINITY;

effect(() => {
  seconds.value;
  occurrences.value;
  const isMeasuring = state.value?.tour?.phase === 'measuring';
  if (!visible.value || (isMeasuring && performance.now() - drawnAt < MEASURING_MS)) return;
  drawnAt = performance.now();
  redraw.value = redraw.peek() + 1;
});
