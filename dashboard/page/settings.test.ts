import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { toasts } from './changes.ts';
import { state as present, stage } from './live.ts';
import { choose, settings } from './settings.ts';
import { done, problem, serve } from './testdata/fake-server.ts';
import { hello, state } from './testdata/state.ts';

/** Lets everything happen that needs no time. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));
const arrivals = (arrivalRate: number) => ({ load: { model: 'open', arrivalRate } }) as const;

beforeEach(() => {
  stage.value = hello.stage;
  present.value = state;
  toasts.value = [];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => mock.timers.reset());

test('what is chosen shows at once, and stays when the server has it', async t => {
  serve(t, done);
  choose(arrivals(200));
  assert.deepEqual(settings.value?.load, arrivals(200).load);
  await settle();
  present.value = { ...state, settings: { ...state.settings, ...arrivals(200) } };
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(settings.value?.load, arrivals(200).load);
});

test('what is refused goes back to what is in force, with the reason', async t => {
  serve(t, () => problem(400, 'That is too much.'));
  choose(arrivals(300));
  await settle();
  assert.deepEqual(settings.value?.load, state.settings.load);
  assert.equal(toasts.value[0]?.message, 'That is too much.');
  mock.timers.tick(1000);
  await settle();
});

test('what the server makes something else of is shown as it is in force', async t => {
  serve(t, done);
  choose(arrivals(250));
  await settle();
  mock.timers.tick(200);
  await settle();
  assert.deepEqual(settings.value?.load, arrivals(250).load);
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(settings.value?.load, state.settings.load);
});

test('a deployment that is not in this stack cannot be chosen', async t => {
  const requests = serve(t, done);
  choose({ deployments: ['hybrid', 'async'] });
  assert.deepEqual(settings.value?.deployments, ['hybrid']);
  await settle();
  mock.timers.tick(2000);
  await settle();
  assert.equal(requests.at(-1)?.route, 'PUT /api/settings');
});

test('what is in force already is asked for as a whole too', async t => {
  const requests = serve(t, done);
  choose(arrivals(60));
  await settle();
  mock.timers.tick(2000);
  await settle();
  assert.deepEqual(requests.at(-1), { ...requests.at(-1), route: 'PUT /api/settings', body: state.settings });
});
