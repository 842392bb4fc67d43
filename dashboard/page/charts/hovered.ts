import { computed, signal } from '@preact/signals';
import type { DeploymentId, Second } from '../../protocol.ts';
import { latestSecond, seconds, stage, state } from '../live.ts';
import { deploymentsIn } from './columns.ts';

/** The moment under the cursor, of all charts alike. */
export const hovered = signal<number | undefined>(undefined);

/** The second that figures are read from: the one under the cursor, or the latest. */
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
