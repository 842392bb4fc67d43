import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../parts.ts';
import { sameText } from './same-text.ts';
import type { UserSession } from './user-session.ts';

/**
 * Who may ask for a route. `page`: whoever opens the page. `report`: who has a session. `read`: the page, with a session.
 * `login`: the page, to get one. `change`: the page, with a session and the token that it gets with it.
 */
export type Admission = 'page' | 'report' | 'read' | 'login' | 'change';

/** Lets in what the page itself asks for, and keeps out what other sites make browsers ask for. */
export class Guard {
  /** For `authorization: Bearer …`: another one at each start. */
  readonly token = randomBytes(32).toString('base64url');
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;
  readonly #session: UserSession | undefined;

  /** `origins`: where browsers find the page; `session`: absent where everybody has one. */
  constructor(origins: readonly string[], session?: UserSession) {
    this.#origins = new Set(origins);
    this.#hosts = new Set(origins.map(origin => new URL(origin).host));
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
  #requireHost({ host = '' }: IncomingHttpHeaders): void {
    if (this.#hosts.has(host.toLowerCase())) return;
    throw new Refusal(
      403,
      'The page is not served under this name: ask for it by its own address, or add the name to LOADLINE_PAGE_HOSTS (PAGE_HOSTS in docker-compose.yml).',
    );
  }

  #requireOwnPage({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders, originNeeded: boolean): void {
    const own =
      origin === undefined ? !originNeeded : this.#origins.has(origin) && new URL(origin).host === host.toLowerCase();
    // Typed into the address bar, it is `none`.
    const near = site === undefined || site === 'same-origin' || (site === 'none' && !originNeeded);
    if (!own || !near) throw new Refusal(403, 'Only the page itself may ask for this.');
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

function requireJson({ 'content-type': type = '' }: IncomingHttpHeaders): void {
  if (/^application\/json *(;|$)/i.test(type)) return;
  throw new Refusal(415, 'What is asked for comes as application/json.');
}
