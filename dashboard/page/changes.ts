import { type ChangeRoute, type Changes, CLIENT_HEADER } from '../protocol.ts';
import { DashboardProblem, problemOf } from './dashboard-problem.ts';
import { client, drivenByOther } from './live.ts';
import { forgetToken, sessionToken } from './session.ts';
import { toast } from './toasts.ts';

/** Asks the server for a change; rejects with a `Problem` that can be shown. */
export async function change<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<void> {
  const response = (await send(route, body)) ?? (await send(route, body));
  if (response === undefined)
    throw new DashboardProblem(401, 'The dashboard does not know this page any more. Load it again.');
  if (!response.ok) throw await problemOf(response);
}

/** Asks for a change and shows what is in its way; whether it was made. */
export async function tryChange<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<boolean> {
  try {
    await change(route, body);
    return true;
  } catch (cause) {
    const { message, status } =
      cause instanceof DashboardProblem
        ? cause
        : new DashboardProblem(0, 'The dashboard cannot be reached. It comes back by itself.');
    if (status === 409 && drivenByOther.value && route !== 'POST /api/drive') {
      toast({ message, action: { label: 'Take the wheel', act: takeTheWheel } });
    } else {
      toast({ message });
    }
    return false;
  }
}

/** Asks to drive: granted when nobody does, or when who drives has left or been idle. */
export async function takeTheWheel(): Promise<void> {
  if (await tryChange('POST /api/drive', {})) toast({ message: 'You drive now.' });
}

/** `undefined`: the token was not good, and another one has to be asked for. */
async function send<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<Response | undefined> {
  const [method = 'POST', path = '/'] = route.split(' ');
  const token = await sessionToken();
  const response = await fetch(path, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      [CLIENT_HEADER]: client.value,
    },
    body: JSON.stringify(body),
  });
  if (response.status !== 401) return response;
  forgetToken();
  return undefined;
}
