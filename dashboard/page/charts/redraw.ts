import { effect, signal } from '@preact/signals';
import { occurrences, seconds, state } from '../live.ts';
import { visible } from './visible.ts';

/** Milliseconds between two drawings while the tour measures; a little less than two seconds, which come one by one. */
const MEASURING_MS = 1900;

/**
 * Another number whenever the charts are to be drawn anew: with each second, while anybody can see them. While the tour
 * measures, with every second one, as the machine is the measured one's too.
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
