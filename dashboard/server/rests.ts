import { type Rest, settingLimits } from '../protocol.ts';
import { Refusal } from './parts.ts';

/** Seconds without a page until the load stops: one that is loaded again has them to come back. */
const UNWATCHED = 10;

/** When a load rests that nobody paused: when nobody touches anything, watches, or is there to send it. */
export class Rests {
  #touchedAt: number;
  #pages = 0;
  #unwatchedSince = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.#touchedAt = now;
  }

  /** Somebody has touched something. */
  touch(now: number): void {
    this.#touchedAt = now;
  }

  /**
   * So many pages watch. Who newly comes to a stage that nobody watched wants to see something, and begins by it; a page
   * that comes back by itself, with its machine or its network, does not.
   */
  watched(pages: number, now: number, newcomer: boolean): void {
    if (newcomer && this.#isUnwatched(now) && pages > 0) this.#touchedAt = now;
    if (this.#pages > 0 && pages === 0) this.#unwatchedSince = now;
    this.#pages = pages;
  }

  /** Why the load rests, if it does. */
  restAt(now: number, { running, connected }: { running: boolean; connected: boolean }): Rest | undefined {
    if (!running) return 'paused';
    if (now - this.#touchedAt >= settingLimits.untouched) return 'untouched';
    if (this.#isUnwatched(now)) return 'unwatched';
    return connected ? undefined : 'no-generator';
  }

  #isUnwatched(now: number): boolean {
    return this.#pages === 0 && now - this.#unwatchedSince >= UNWATCHED;
  }
}

/** Throws a `Refusal` where a burst cannot be sent: everywhere but in a load that is sent or paused. */
export function requireGenerator(rest: Rest | undefined): void {
  if (rest === undefined || rest === 'paused') return;
  throw new Refusal(rest === 'no-generator' ? 503 : 409, sentences[rest]);
}

const sentences = {
  untouched: 'Nobody has touched anything for too long: touch something first.',
  unwatched: 'Nobody watches: open the page first.',
  'no-generator':
    'k6 does not ask for its orders, so that nothing can be sent: it is started again by itself, wait for it.',
} as const;
