import { signal } from '@preact/signals';
import { addresses, type LoginRequest } from '../protocol.ts';

/** A problem that the server tells (RFC 9457); its message is meant for the reader. */
export class DashboardProblem extends Error {
  override readonly name = 'DashboardProblem';
  readonly status: number;
  readonly title: string | undefined;
  /** A line to type that solves it. */
  readonly command: string | undefined;

  constructor(status: number, message: string, { title, command }: { title?: string; command?: string } = {}) {
    super(message);
    this.status = status;
    this.title = title;
    this.command = command;
  }
}

/** Reads the problem of a response; a response of a proxy gets words of the page. */
export async function readProblem(response: Response): Promise<DashboardProblem> {
  const { status } = response;
  try {
    const { detail, ...words } = await response.json();
    if (typeof detail === 'string') return new DashboardProblem(status, detail, words);
  } catch {
    // Not JSON: a proxy answered.
  }
  const isAway = status >= 502 && status <= 504;
  const message = isAway ? AWAY : `The dashboard answered with status ${status}.`;
  return new DashboardProblem(status, message);
}

export const AWAY = 'The dashboard is away. It comes back by itself.';

/** Whether the page may be used: `locked` until the user gives the token, a problem at an address that is not known. */
export const access = signal<'unknown' | 'granted' | 'locked' | DashboardProblem>('unknown');

/** Asks whether the page may be used; `access` has the answer. Rejects where it cannot be used. */
export async function beginSession(): Promise<void> {
  const response = await ask({});
  if (response.status === 401) access.value = 'locked';
  else if (response.ok) access.value = 'granted';
  else {
    const problem = await readProblem(response);
    if (response.status === 403) access.value = problem;
    throw problem;
  }
}

/** Logs in with the token of the page; rejects with the problem when it is wrong. */
export async function logIn(token: string): Promise<void> {
  const response = await ask({ token });
  if (!response.ok) throw await readProblem(response);
  await beginSession();
}

/** By POST, so that the browser says at which origin it has the page. */
function ask(login: LoginRequest): Promise<Response> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return fetch(addresses.session, { method: 'POST', headers, cache: 'no-store', body: JSON.stringify(login) });
}
