import { signal } from '@preact/signals';
import { addresses, type Login, type Session } from '../protocol.ts';
import { problemOf } from './problem.ts';

/** Whether the page may ask for anything: `locked` until its reader has given the token that this dashboard wants. */
export const access = signal<'unknown' | 'granted' | 'locked'>('unknown');

let token: string | undefined;

/** Gets a token for what is to be changed; `access` says what came of it. Rejects where the server is away. */
export async function beginSession(): Promise<void> {
  const response = await fetch(addresses.session, { headers: { accept: 'application/json' }, cache: 'no-store' });
  if (response.status === 401) {
    token = undefined;
    access.value = 'locked';
    return;
  }
  if (!response.ok) throw await problemOf(response);
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
