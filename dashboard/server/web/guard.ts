import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ORIGIN_HEADER } from '../../protocol.ts';
import { isFixedAddress, isLoopback } from '../page-origins.ts';
import { Refusal } from '../parts.ts';
import { sameText } from './same-text.ts';
import { type HostsSetting, UnknownAddress } from './unknown-address.ts';
import type { UserSession } from './user-session.ts';

/**
 * Who may ask for a route. `page`: whoever opens the page. `report`: who has a session. `read`: the page, with a session.
 * `login`: the page, to get one. `change`: the page, with a session and the token that it gets with it.
 */
export type Admission = 'page' | 'report' | 'read' | 'login' | 'change';

/** Where browsers may have the page, besides loopback. */
export interface KnownAddresses {
  /** `https://b.example` */
  readonly origins: readonly string[];
  readonly setting: HostsSetting;
}

/** Lets in what the page itself asks for, and keeps out what other sites make browsers ask for. */
export class Guard {
  /** For `authorization: Bearer …`: another one at each start. */
  readonly token = randomBytes(32).toString('base64url');
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;
  readonly #setting: HostsSetting;
  readonly #session: UserSession | undefined;

  /** `session`: absent where everybody has one. */
  constructor({ origins, setting }: KnownAddresses, session?: UserSession) {
    this.#origins = new Set(origins);
    this.#hosts = new Set(origins.map(origin => new URL(origin).host));
    this.#setting = setting;
    this.#session = session;
  }

  /** Throws a `Refusal` when a request with these headers is not admitted. */
  admit(admission: Admission, headers: IncomingHttpHeaders): void {
    this.#requireHost(headers);
    if (admission === 'page') return;
    const changes = admission === 'change' || admission === 'login';
    if (admission !== 'report') this.#requireOwnPage(headers, changes);
    if (admission !== 'login') this.#requireSession(headers);
    if (admission === 'change') this.#requireToken(headers);
    if (changes) requireJson(headers);
  }

  /** Another site may have its own name resolve to this machine (DNS rebinding): its pages ask under that name. */
  #requireHost(headers: IncomingHttpHeaders): void {
    const host = hostIn(headers);
    if (this.#hosts.has(host) || this.#answersAtFixed(host)) return;
    // Browsers tell the mode through TLS alone, but for loopback.
    const scheme = headers['sec-fetch-mode'] === undefined ? 'http' : 'https';
    const origin = `${scheme}://${host}`;
    if (!isOrigin(origin)) throw new Refusal(403, 'The request does not say which host it is for.');
    throw new UnknownAddress(origin, host, this.#setting);
  }

  /** DNS rebinding needs a name, so an address is safe. Addresses other than loopback need the user's token. */
  #answersAtFixed(host: string): boolean {
    const name = host.replace(/:\d+$/, '');
    return this.#session === undefined ? isLoopback(name) : isFixedAddress(name);
  }

  #requireOwnPage(headers: IncomingHttpHeaders, originNeeded: boolean): void {
    const { 'sec-fetch-site': site, origin = originNeeded ? undefined : headers[ORIGIN_HEADER] } = headers;
    // Typed into the address bar, it is `none`.
    const near = site === undefined || site === 'same-origin' || (site === 'none' && !originNeeded);
    const own = origin === undefined ? !originNeeded : this.#isOwn(`${origin}`, hostIn(headers));
    if (near && own) return;
    // To the browser it is the page's own origin: a proxy asks under another name. No other site can say either.
    const isPage = site === 'same-origin' || headers[ORIGIN_HEADER] !== undefined;
    if (near && isPage && isOrigin(`${origin}`)) throw new UnknownAddress(`${origin}`, undefined, this.#setting);
    throw new Refusal(403, 'Only the page itself may ask for this.');
  }

  /** An origin that the user named is the page's under every name that it answers to; an address only under itself. */
  #isOwn(origin: string, host: string): boolean {
    if (this.#origins.has(origin)) return true;
    return (origin === `http://${host}` || origin === `https://${host}`) && this.#answersAtFixed(host);
  }

  #requireSession({ cookie }: IncomingHttpHeaders): void {
    if (this.#session === undefined || this.#session.isIn(cookie)) return;
    throw new Refusal(401, 'This page asks for a token: log in with it first.');
  }

  #requireToken({ authorization = '' }: IncomingHttpHeaders): void {
    if (sameText(authorization, `Bearer ${this.token}`)) return;
    throw new Refusal(401, 'What changes something needs the token of this start of the dashboard: get it anew.');
  }
}

function hostIn({ host = '' }: IncomingHttpHeaders): string {
  return host.toLowerCase();
}

/** Whether a text is an origin as browsers write it, of a host that can be typed in a shell. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/.test(text) && URL.canParse(text);
}

function requireJson({ 'content-type': type = '' }: IncomingHttpHeaders): void {
  if (/^application\/json *(;|$)/i.test(type)) return;
  throw new Refusal(415, 'What is asked for comes as application/json.');
}
