import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { paced } from './pace.ts';

/** Lets everything happen that needs no time. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

test('the first value is sent at once, and of a drag at most five a second with the last one always', async t => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const sent: { at: number; value: number }[] = [];
  let now = 0;
  const send = paced(async (value: number) => {
    sent.push({ at: now, value });
  }, 200);
  while (now < 1000) {
    send(now / 10);
    await settle();
    now += 10;
    mock.timers.tick(10);
    await settle();
  }
  mock.timers.tick(200);
  await settle();
  assert.deepEqual(
    sent.map(({ at }) => at),
    [0, 200, 400, 600, 800, 1000],
  );
  assert.equal(sent[0]?.value, 0);
  assert.equal(sent.at(-1)?.value, 99);
});

test('a value waits for the answer to the one before', async t => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const sent: string[] = [];
  const answer: { give?: () => void } = {};
  const send = paced((value: string) => {
    sent.push(value);
    return new Promise<void>(resolve => {
      answer.give = resolve;
    });
  }, 200);
  send('first');
  send('second');
  send('third');
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(sent, ['first']);
  answer.give?.();
  await settle();
  assert.deepEqual(sent, ['first', 'third']);
});

test('a value is sent after one that could not be', async t => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const sent: number[] = [];
  const send = paced(async (value: number) => {
    sent.push(value);
    if (value === 1) throw new Error('away');
  }, 200);
  send(1);
  send(2);
  await settle();
  mock.timers.tick(200);
  await settle();
  assert.deepEqual(sent, [1, 2]);
});
