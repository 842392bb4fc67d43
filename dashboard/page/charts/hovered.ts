import { computed, signal } from '@preact/signals';
import type { TopologyName } from '../../../model/topology.ts';
import type { Second } from '../../protocol.ts';
import { latestSecond, seconds, state } from '../live.ts';
import { topologiesIn } from './columns.ts';

/** The moment under the cursor, of all charts alike. */
export const hovered = signal<number | undefined>(undefined);

/** The second that figures are read from: the one under the cursor, or the latest. */
export const readSecond = computed<Second | undefined>(() => {
  const time = hovered.value;
  return (time === undefined ? undefined : seconds.value.find(second => second.time === time)) ?? latestSecond.value;
});

let before: readonly TopologyName[] = [];

/** Topologies that the charts have lines of; the same array for as long as they are the same. */
export const shownTopologies = computed<readonly TopologyName[]>(() => {
  const now = topologiesIn(seconds.value, state.value?.settings.topologies ?? []);
  if (now.join() !== before.join()) before = now;
  return before;
});
