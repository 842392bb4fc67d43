import { signal } from '@preact/signals';
import type { ChangeRoute, Changes } from '../protocol.ts';
import { AWAY, DashboardProblem, readProblem } from './session.ts';

/** Asks the server for a change; rejects with a `DashboardProblem` that can be shown. */
export async function change<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<void> {
  const [method = 'POST', path = '/'] = route.split(' ');
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw await readProblem(response);
}

/** Asks for a change and shows why it was refused; whether it was made. */
export async function tryChange<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<boolean> {
  try {
    await change(route, body);
    return true;
  } catch (cause) {
    toast(cause instanceof DashboardProblem ? cause.message : AWAY);
    return false;
  }
}

/** A short message that goes away by itself. */
interface Toast {
  readonly number: number;
  readonly message: string;
}

/** The messages on the page, the latest last. */
export const toasts = signal<readonly Toast[]>([]);

const SHOWN_MS = 8000;
const MOST = 3;
let last = 0;

/** Shows a message; one that is shown already only stays longer. */
export function toast(message: string): void {
  last += 1;
  const number = last;
  const others = toasts.value.filter(shown => shown.message !== message);
  toasts.value = [...others, { message, number }].slice(-MOST);
  setTimeout(() => dismiss(number), SHOWN_MS);
}

/** Removes a message. */
export function dismiss(number: number): void {
  toasts.value = toasts.value.filter(shown => shown.number !== number);
}
