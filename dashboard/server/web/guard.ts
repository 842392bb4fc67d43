import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isFixedAddress, isLoopback, type KnownAddresses } from '../config.ts';
import { Refusal } from '../refusal.ts';

/**
 * Who may use a route. `page`: everybody, at a known address. `report`: after the login. `read`: the page itself, after
 * the login. `change`: the same, with an `Origin`. `login`: as `change`, before the login.
 */
export type Admission = 'page' | 'report' | 'read' | 'change' | 'login';

const COOKIE = 'loadline-session';

/** Admits requests of the page, and refuses those that other sites make browsers send. */
export class Guard {
  readonly #known: KnownAddresses;
  readonly #hosts: ReadonlySet<string>;
  readonly #token: string | undefined;

  /** `token`: what users log in with; absent: no login is needed. */
  constructor(known: KnownAddresses, token?: string) {
    this.#known = known;
    this.#hosts = new Set(known.origins.map(origin => new URL(origin).host));
    this.#token = token;
  }

  /** Throws a `Refusal` unless a request with these headers is admitted. */
  admit(admission: Admission, headers: IncomingHttpHeaders): void {
    const host = (headers.host ?? '').toLowerCase();
    this.#requireHost(host, headers);
    if (admission === 'page') return;
    if (admission !== 'report') this.#requireOwnPage(host, headers, admission !== 'read');
    if (admission !== 'login') this.requireLogin(headers);
  }

  requireLogin({ cookie = '' }: IncomingHttpHeaders): void {
    const token = this.#token;
    if (token === undefined || cookie.split(/; */).some(one => isSame(one, cookieFor(token)))) return;
    throw new Refusal(401, 'This page needs a token: log in with it first.');
  }

  /** Checks the token of a login; the header `set-cookie` that keeps the browser logged in. */
  logIn(token: string, { origin }: IncomingHttpHeaders): string {
    if (this.#token === undefined || !isSame(token, this.#token)) {
      throw new Refusal(401, 'This is not the token: it is LOADLINE_PAGE_TOKEN of the dashboard.');
    }
    const secure = origin?.startsWith('https:') ? '; Secure' : '';
    return `${cookieFor(token)}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  }

  /** Another site can let its own name resolve to this machine (DNS rebinding), but then browsers send that name. */
  #requireHost(host: string, headers: IncomingHttpHeaders): void {
    if (this.#hosts.has(host) || this.#isFixed(host)) return;
    // Without TLS browsers send this header to loopback alone.
    const origin = `${headers['sec-fetch-mode'] === undefined ? 'http' : 'https'}://${host}`;
    if (!isOrigin(origin)) throw new Refusal(403, 'The request does not say which host it is for.');
    throw this.#unknownAddress(origin);
  }

  #requireOwnPage(host: string, headers: IncomingHttpHeaders, isChange: boolean): void {
    const { origin, 'sec-fetch-site': site } = headers;
    const isNear = site === undefined || site === 'same-origin' || (site === 'none' && !isChange);
    if (isNear && (origin === undefined ? !isChange : this.#isOwn(origin, host))) return;
    // A proxy asks by another name than the browser has.
    if (isNear && isOrigin(origin)) throw this.#unknownAddress(origin);
    throw new Refusal(403, 'Only the page itself may ask for this.');
  }

  /** A named origin is the page's under every host; that of an address only under the same address. */
  #isOwn(origin: string, host: string): boolean {
    if (this.#known.origins.includes(origin)) return true;
    return (origin === `http://${host}` || origin === `https://${host}`) && this.#isFixed(host);
  }

  /** A name can be made to resolve to this machine, an address cannot. Addresses but loopback need the token. */
  #isFixed(host: string): boolean {
    const name = host.replace(/:\d+$/, '');
    return this.#token === undefined ? isLoopback(name) : isFixedAddress(name);
  }

  #unknownAddress(guess: string): Refusal {
    const { variable, hosts, start } = this.#known;
    const why = 'Loadline answers only at addresses that it knows, so that other sites cannot control it.';
    return new Refusal(403, `${why} Start it again with this address, and with the other variables that you set:`, {
      title: 'Loadline does not know this address',
      command: `${variable}=${[...hosts, guess].join(',')} ${start}`,
      guess,
    });
  }
}

/** The cookie of a browser that logged in with this token. */
function cookieFor(token: string): string {
  return `${COOKIE}=${digest(`session ${token}`)}`;
}

/** Compares secrets in a time that does not depend on how much of them agrees. */
function isSame(given: string, expected: string): boolean {
  return digest(given) === digest(expected);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether a text is an origin, of a host that can be typed in a shell. */
function isOrigin(text: string | undefined): text is string {
  return text !== undefined && /^https?:\/\/([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/.test(text) && URL.canParse(text);
}

/** What the page may load and run: files of this server, and nothing inline. */
export const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A report shows its own styles, runs nothing and loads nothing. */
export const reportPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Headers of every answer. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};
