import { OBJECTIVE } from '../../protocol.ts';
import type { Dot } from './dot.ts';

/** How old dots look; each looks different in shape as well as in colour. */
export const ageNames = ['fresh', 'ageing', 'late', 'failed'] as const;
/** Small on the way back, large with a worker. */
export const sizeNames = ['usual', 'small', 'large'] as const;
/** Seconds from which on a dot is no longer fresh. */
export const AGEING = 0.1;

/** The number of a look: an age in a size. */
export function lookOf({ age, failed, phase }: Pick<Dot, 'age' | 'failed' | 'phase'>, isLarge: boolean): number {
  const isBack = phase === 'returning' || phase === 'falling';
  const ageIndex = failed && isBack ? 3 : age > OBJECTIVE ? 2 : age >= AGEING ? 1 : 0;
  const sizeIndex = phase === 'returning' ? 1 : isLarge ? 2 : 0;
  return sizeIndex * ageNames.length + ageIndex;
}
