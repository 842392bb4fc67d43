import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Refusal } from '../parts.ts';
import { sameText } from './same-text.ts';

const COOKIE = 'loadline-session';
/** Seconds until a wrong token is answered. */
const WRONG_PAUSE = 1;
/** Wrong ones that may wait for their answer at the same time; with the pause, so many guesses a second. */
const MOST_WRONG = 50;

/** The session that a browser gets for the user's token. It outlives the dashboard, for as long as the token is the same. */
export class UserSession {
  readonly #token: string;
  readonly #value: string;
  readonly #pause: () => Promise<unknown>;
  #wrong = 0;

  /** `pause`: before a wrong token is answered. */
  constructor(token: string, pause: () => Promise<unknown> = () => setTimeout(WRONG_PAUSE * 1000)) {
    this.#token = token;
    this.#value = createHmac('sha256', token).update('Loadline session').digest('hex');
    this.#pause = pause;
  }

  /** Whether the cookies of a request hold it. */
  isIn(cookies = ''): boolean {
    return cookies
      .split(/; */)
      .some(cookie => cookie.startsWith(`${COOKIE}=`) && sameText(cookie, `${COOKIE}=${this.#value}`));
  }

  /**
   * The cookie for who says the token; `secure`: it was said through TLS, and the cookie never leaves that. Rejects with
   * a `Refusal` for a wrong one, a while later.
   */
  async cookieFor(token: string, secure: boolean): Promise<string> {
    if (this.#wrong >= MOST_WRONG) throw new Refusal(429, 'Too many wrong tokens come in just now: try again.');
    if (sameText(token, this.#token)) {
      return `${COOKIE}=${this.#value}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    }
    this.#wrong += 1;
    await this.#pause();
    this.#wrong -= 1;
    throw new Refusal(401, 'This is not the token: it is LOADLINE_PAGE_TOKEN of the dashboard.');
  }
}
