import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { Refusal } from '../parts.ts';
import { sameText } from './same-text.ts';

const COOKIE = 'loadline-session';
/** Seconds until the next attempt after a wrong one; each further wrong one doubles it, up to the longest. */
const FIRST_PAUSE = 0.25;
const LONGEST_PAUSE = 10;

/** The session that a browser gets for the user's token. It outlives the dashboard, for as long as the token is the same. */
export class UserSession {
  readonly #token: string;
  readonly #value: string;
  readonly #attributes: string;
  readonly #clock: Clock;
  #wrong = 0;
  #nextAttemptAt = 0;

  /** `secure`: browsers reach the page through TLS alone. */
  constructor(token: string, secure: boolean, clock: Clock = systemClock) {
    this.#token = token;
    this.#value = createHmac('sha256', token).update('Loadline session').digest('hex');
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    this.#clock = clock;
  }

  /** Whether the cookies of a request hold it. */
  isIn(cookies = ''): boolean {
    return cookies
      .split(/; */)
      .some(cookie => cookie.startsWith(`${COOKIE}=`) && sameText(cookie, `${COOKIE}=${this.#value}`));
  }

  /** The cookie for who says the token; throws a `Refusal` for a wrong one, and for one that comes too soon after it. */
  cookieFor(token: string): string {
    const now = this.#clock();
    if (now < this.#nextAttemptAt) throw new Refusal(429, 'That was too soon after a wrong token: wait some seconds.');
    if (!sameText(token, this.#token)) {
      this.#nextAttemptAt = now + Math.min(FIRST_PAUSE * 2 ** this.#wrong, LONGEST_PAUSE);
      this.#wrong += 1;
      throw new Refusal(401, 'This is not the token: it is LOADLINE_PAGE_TOKEN of the dashboard.');
    }
    this.#wrong = 0;
    return `${COOKIE}=${this.#value}; ${this.#attributes}`;
  }
}
