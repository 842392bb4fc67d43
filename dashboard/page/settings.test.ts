import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Settings } from '../protocol.ts';
import { toasts } from './changes.ts';
import { state as present, stage } from './live.ts';
import { choose, settings } from './settings.ts';
import { done, problem, serve } from './testdata/fake-server.ts';
import { hello, state } from './testdata/state.ts';

async function tick(milliseconds: number): Promise<void> {
  await new Promise<void>(resolve => setImmediate(resolve));
  mock.timers.tick(milliseconds);
  await new Promise<void>(resolve => setImmediate(resolve));
}
const arrivals = (arrivalRate: number) => ({ load: { model: 'open', arrivalRate } }) as const;

beforeEach(() => {
  stage.value = hello.stage;
  present.value = state;
  toasts.value = [];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => mock.timers.reset());

test('a choice shows at once, and stays when the server has it', async t => {
  serve(t, done);
  choose(arrivals(200));
  present.value = { ...state, settings: { ...state.settings, ...arrivals(200) } };
  await tick(1000);
  assert.deepEqual(settings.value?.load, arrivals(200).load);
});

test('a refused choice goes back to the settings in force, with the reason', async t => {
  serve(t, () => problem(400, 'That is too much.'));
  choose(arrivals(300));
  await tick(0);
  assert.deepEqual(settings.value?.load, state.settings.load);
  assert.equal(toasts.value[0]?.message, 'That is too much.');
  await tick(1000);
});

test('a choice that the server changes is shown for a second', async t => {
  serve(t, done);
  choose(arrivals(250));
  await tick(200);
  assert.deepEqual(settings.value?.load, arrivals(250).load);
  await tick(1000);
  assert.deepEqual(settings.value?.load, state.settings.load);
});

test('of a drag five choices a second are sent, the last always; also one that is in force', async t => {
  const requests = serve(t, done);
  for (let rate = 100; rate > 60; rate -= 1) {
    choose(arrivals(rate));
    await tick(10);
  }
  choose({ ...arrivals(60), deployments: ['hybrid', 'gone'] });
  await tick(200);
  await tick(200);
  const sent = requests.map(({ body }) => (body as Settings).load);
  assert.deepEqual(
    sent,
    [100, 81, 61, 60].map(rate => arrivals(rate).load),
  );
  assert.deepEqual(requests.at(-1)?.body, { ...state.settings, deployments: ['hybrid'] });
  await tick(1000);
});
