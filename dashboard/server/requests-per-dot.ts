import { settingLimits } from '../protocol.ts';

/** What the busiest deployment on the stage is sent. */
export interface Crowd {
  /** Requests per second. */
  readonly perSecond: number;
  /** Requests sent and not answered yet. */
  readonly inProgress: number;
}

/** Dots that wait or are served at each deployment: more cannot be told apart. */
const DOTS_IN_PROGRESS = 500;
/** Of the room that finer dots have: they come back when they fill no more of it, so that they do not come and go. */
const ROOM = 0.7;

/** Of how many requests one is shown as a dot, for a crowd of that size; it was `before` until now. */
export function requestsPerDot(before: number, { perSecond, inProgress }: Crowd): number {
  const needed = Math.max(perSecond / settingLimits.dotsPerSecond, inProgress / DOTS_IN_PROGRESS);
  return stepFrom(needed) >= before ? stepFrom(needed) : Math.min(before, stepFrom(needed / ROOM));
}

/** The smallest of 1, 2, 5, 10, 20, … that is not below the number. */
function stepFrom(number: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [power, 2 * power, 5 * power]) if (step >= number) return step;
  }
}
