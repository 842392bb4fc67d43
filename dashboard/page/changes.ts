import type { ChangeRoute, Changes } from '../protocol.ts';
import { DashboardProblem, problemOf } from './dashboard-problem.ts';
import { toast } from './toasts.ts';

/** Asks the server for a change; rejects with a `DashboardProblem` that can be shown. */
export async function change<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<void> {
  const [method = 'POST', path = '/'] = route.split(' ');
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw await problemOf(response);
}

/** Asks for a change and shows why it was refused; whether it was made. */
export async function tryChange<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<boolean> {
  try {
    await change(route, body);
    return true;
  } catch (cause) {
    const isProblem = cause instanceof DashboardProblem;
    toast({ message: isProblem ? cause.message : 'The dashboard cannot be reached. It comes back by itself.' });
    return false;
  }
}
