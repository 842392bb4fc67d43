import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRandom } from '../../model/random.ts';
import { SimulatedTime } from '../testdata/simulated-time.ts';
import { Users } from './users.ts';

test('users come at once, and who is too many leaves with the answer', async context => {
  const { users, seen, time } = simulateUsers(context, 0.05);
  const inProgress: number[] = [];
  for (const wanted of [4, 20, 3, 0]) {
    users.change(wanted, 0);
    inProgress.push(seen.inProgress);
    await time.pass(0.06);
    inProgress.push(seen.inProgress);
  }
  assert.deepEqual(inProgress, [4, 4, 20, 20, 20, 3, 3, 0]);
  const { sent } = seen;
  await time.pass(1);
  assert.equal(seen.sent, sent);
});

test('who is too many and thinks leaves at once', async context => {
  const { users, seen, time } = simulateUsers(context, 0.01);
  users.change(50, 10);
  await time.pass(1);
  users.change(0, 10);
  const { sent } = seen;
  await time.pass(30);
  assert.equal(seen.sent, sent);
});

test('another think time holds at once, for those who think already as well', async context => {
  const { users, seen, time } = simulateUsers(context, 0.01);
  users.change(50, 1000);
  await time.pass(1);
  users.change(50, 0);
  assert.equal(seen.inProgress, 50);
});

test('so many users send what their think time and the response time allow', async context => {
  const { users, seen, time } = simulateUsers(context, 0.02);
  users.change(20, 0.1);
  await time.pass(40);
  // The interactive response time law: X = N ÷ (R + Z); the number sent has a standard error of 1 %.
  const ratio = seen.sent / (40 * (20 / (0.02 + 0.1)));
  assert.ok(Math.abs(ratio - 1) < 0.03, `the ratio to the law is ${ratio}`);
});

/** Users of a service that answers after so many seconds, and what they do. */
function simulateUsers(context: TestContext, responseTime: number) {
  const time = new SimulatedTime(context);
  const seen = { sent: 0, inProgress: 0 };
  const send = async () => {
    seen.sent++;
    seen.inProgress++;
    await new Promise(resolve => setTimeout(resolve, responseTime * 1000));
    seen.inProgress--;
    return time.now();
  };
  return { users: new Users(createRandom(1, 1, 'think-times'), send, time.now), seen, time };
}
