import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceReport } from '../../model/wire.ts';
import { OrdersDesk } from './generator.ts';
import type { TrialProgress } from './runtime.ts';

const report = (source: number, sent: number): SourceReport => ({
  source,
  time: source,
  sent,
  completed: sent,
  inProgress: 1,
  overObjective: 0,
  failed: 2,
});

test('what all sources told last is added up for the listener, and each gets the orders', () => {
  const heard: TrialProgress[] = [];
  const desk = new OrdersDesk(2, {
    onReport: progress => {
      heard.push(progress);
      return progress.sent < 12 ? 'go-on' : 'stop';
    },
  });
  assert.deepEqual(desk.take(report(1, 3)), { stop: false });
  assert.deepEqual(desk.take(report(2, 4)), { stop: false });
  assert.deepEqual(heard.at(-1), { time: 2, sent: 7, inProgress: 2, overObjective: 0, failed: 4 });
  assert.deepEqual(desk.take(report(1, 8)), { stop: true });
  assert.deepEqual(desk.take(report(2, 0)), { stop: true }, 'a stop is not taken back');
});

test('what the listener throws fails the load, and so does a way that is broken', async () => {
  const listener = () => {
    throw new RangeError('thrown by the listener');
  };
  const desk = new OrdersDesk(1, { onReport: listener });
  assert.throws(() => desk.take(report(1, 3)), RangeError);
  await assert.rejects(desk.handedOver, RangeError);
  const broken = new OrdersDesk(1, { onReport: () => 'go-on' });
  broken.fail(new TypeError('the way is broken'));
  await assert.rejects(broken.handedOver, TypeError);
});
