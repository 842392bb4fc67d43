import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { change, takeTheWheel, tryChange } from './changes.ts';
import { DashboardProblem } from './dashboard-problem.ts';
import { client, state as present } from './live.ts';
import { forgetToken } from './session.ts';
import { done, problem, serve } from './testdata/fake-server.ts';
import { state } from './testdata/state.ts';
import { toasts } from './toasts.ts';

beforeEach(() => {
  forgetToken();
  client.value = 'this-page';
  present.value = state;
  toasts.value = [];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => mock.timers.reset());

test('a change carries the token of the session and the name of the page', async t => {
  const requests = serve(t, ({ route }) => (route === 'GET /api/session' ? Response.json({ token: 'first' }) : done()));
  await change('POST /api/burst', { requests: 5 });
  await change('POST /api/burst', { requests: 100 });
  assert.deepEqual(
    requests.map(({ route }) => route),
    ['GET /api/session', 'POST /api/burst', 'POST /api/burst'],
  );
  assert.equal(requests[1]?.headers.authorization, 'Bearer first');
  assert.equal(requests[1]?.headers['x-loadline-client'], 'this-page');
  assert.deepEqual(requests[1]?.body, { requests: 5 });
});

test('a server that was started anew is asked for its token, and the change is made', async t => {
  let sessions = 0;
  const requests = serve(t, ({ route, headers }) => {
    if (route === 'GET /api/session') {
      sessions += 1;
      return Response.json({ token: `token-${sessions}` });
    }
    return headers.authorization === 'Bearer token-2' ? done() : problem(401, 'Get the token anew.');
  });
  await change('POST /api/hold-cpu', {});
  assert.equal(requests.filter(({ route }) => route === 'POST /api/hold-cpu').length, 2);
});

test('a token that is refused twice is a problem, and not asked for again and again', async t => {
  const requests = serve(t, ({ route }) =>
    route === 'GET /api/session' ? Response.json({ token: 'stale' }) : problem(401, 'Get the token anew.'),
  );
  await assert.rejects(change('POST /api/hold-cpu', {}), { status: 401 });
  assert.equal(requests.length, 4);
});

test('a problem is told in the words of the server', async t => {
  serve(t, ({ route }) =>
    route === 'GET /api/session' ? Response.json({ token: 'good' }) : problem(400, 'Too many.'),
  );
  await assert.rejects(
    change('POST /api/burst', { requests: 9999 }),
    new DashboardProblem(400, 'Too many.', { title: 'Problem' }),
  );
  assert.equal(await tryChange('POST /api/burst', { requests: 9999 }), false);
  assert.deepEqual(
    toasts.value.map(({ message, action }) => [message, action?.label]),
    [['Too many.', undefined]],
  );
});

test('who is refused because somebody else drives is offered the wheel', async t => {
  present.value = { ...state, driver: 'another-page' };
  const requests = serve(t, ({ route }) => {
    if (route === 'GET /api/session') return Response.json({ token: 'good' });
    return route === 'POST /api/drive' ? done() : problem(409, 'Somebody else drives, and you watch.');
  });
  await tryChange('POST /api/burst', { requests: 5 });
  assert.equal(toasts.value[0]?.action?.label, 'Take the wheel');
  await takeTheWheel();
  assert.equal(requests.at(-1)?.route, 'POST /api/drive');
  assert.equal(toasts.value.at(-1)?.message, 'You drive now.');
});

test('a proxy that answers for a server that is away is told as what it is', async t => {
  serve(t, ({ route }) =>
    route === 'GET /api/session'
      ? Response.json({ token: 'good' })
      : new Response('<html>502 Bad Gateway</html>', { status: 502 }),
  );
  await assert.rejects(change('POST /api/hold-cpu', {}), {
    message: 'The dashboard is away. It comes back by itself.',
  });
});
