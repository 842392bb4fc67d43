import { signal } from '@preact/signals';
import { addresses, type Login, ORIGIN_HEADER, type Session } from '../protocol.ts';
import { type DashboardProblem, problemOf } from './dashboard-problem.ts';

/**
 * Whether the page may ask for anything: `locked` until its reader has given the token that this dashboard wants, a
 * problem where the page cannot be used as it was opened.
 */
export const access = signal<'unknown' | 'granted' | 'locked' | DashboardProblem>('unknown');

let token: string | undefined;

/** Gets a token for what is to be changed; `access` says what came of it. Rejects where there is no use in anything else. */
export async function beginSession(): Promise<void> {
  const headers = { accept: 'application/json', [ORIGIN_HEADER]: location.origin };
  const response = await fetch(addresses.session, { headers, cache: 'no-store' });
  if (response.status === 401) {
    token = undefined;
    access.value = 'locked';
    return;
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 403) access.value = problem;
    throw problem;
  }
  const session: Session = await response.json();
  token = session.token;
  access.value = 'granted';
}

/** The token for requests that change something; asks for one where there is none. */
export async function sessionToken(): Promise<string> {
  if (token === undefined) await beginSession();
  return token ?? '';
}

/** The token is no longer good: a server that was started anew has another one. */
export function forgetToken(): void {
  token = undefined;
}

/** Shows the server the token of the page's user; rejects with the problem when it is the wrong one. */
export async function logIn(userToken: string): Promise<void> {
  const response = await fetch('/api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: userToken } satisfies Login),
  });
  if (!response.ok) throw await problemOf(response);
  await beginSession();
}
