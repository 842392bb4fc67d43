import type { TourStep } from '../../protocol.ts';
import { c1 } from './c1-one-more-than-it-serves.ts';
import { c2 } from './c2-four-at-a-time-or-all-at-once.ts';
import { c3 } from './c3-the-same-when-computing.ts';
import { c4 } from './c4-more-when-waiting.ts';
import { c5 } from './c5-no-advantage-when-quiet.ts';
import { c7 } from './c7-memory-stops-workers.ts';
import { c8 } from './c8-connections-limit-loops.ts';
import { c9 } from './c9-one-holds-up-the-others.ts';
import { c12 } from './c12-all-cpus-or-one.ts';
import type { Step } from './step.ts';

/** Every step of the tour. */
export const steps: Readonly<Record<TourStep, Step>> = {
  C1: c1,
  C2: c2,
  C3: c3,
  C4: c4,
  C5: c5,
  C7: c7,
  C8: c8,
  C9: c9,
  C12: c12,
};
