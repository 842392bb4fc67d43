import { signal } from '@preact/signals';
import { addresses, type Login } from '../protocol.ts';
import { type DashboardProblem, problemOf } from './dashboard-problem.ts';

/** Whether the page may be used: `locked` until the user gives the token, a problem at an address that is not known. */
export const access = signal<'unknown' | 'granted' | 'locked' | DashboardProblem>('unknown');

/** Asks whether the page may be used; `access` has the answer. Rejects where it cannot be used. */
export async function beginSession(): Promise<void> {
  const response = await ask({});
  if (response.status === 401) access.value = 'locked';
  else if (response.ok) access.value = 'granted';
  else {
    const problem = await problemOf(response);
    if (response.status === 403) access.value = problem;
    throw problem;
  }
}

/** Logs in with the token of the page; rejects with the problem when it is wrong. */
export async function logIn(token: string): Promise<void> {
  const response = await ask({ token });
  if (!response.ok) throw await problemOf(response);
  await beginSession();
}

/** By POST, so that the browser says at which origin it has the page. */
function ask(login: Login): Promise<Response> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return fetch(addresses.session, { method: 'POST', headers, cache: 'no-store', body: JSON.stringify(login) });
}
