import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { change, toasts, tryChange } from './changes.ts';
import { DashboardProblem } from './session.ts';
import { done, problem, serve } from './testdata/fake-server.ts';

beforeEach(() => {
  toasts.value = [];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => mock.timers.reset());

test('a change is sent as JSON', async t => {
  const requests = serve(t, done);
  await change('POST /api/burst', { requests: 5 });
  const headers = { 'content-type': 'application/json' };
  assert.deepEqual(requests, [{ route: 'POST /api/burst', headers, body: { requests: 5 } }]);
});

test('a problem is told in the words of the server', async t => {
  serve(t, () => problem(400, 'Too many.'));
  const expected = new DashboardProblem(400, 'Too many.', { title: 'Problem' });
  await assert.rejects(change('POST /api/burst', { requests: 9999 }), expected);
  assert.equal(await tryChange('POST /api/burst', { requests: 9999 }), false);
  assert.deepEqual(
    toasts.value.map(({ message }) => message),
    ['Too many.'],
  );
});

test('a proxy that answers for a server that is away is told as what it is', async t => {
  serve(t, () => new Response('<html>502 Bad Gateway</html>', { status: 502 }));
  await assert.rejects(change('POST /api/hold-cpu', {}), {
    message: 'The dashboard is away. It comes back by itself.',
  });
});
