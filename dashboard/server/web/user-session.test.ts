import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../parts.ts';
import { UserSession } from './user-session.ts';

const TOKEN = 'a-token-of-the-users';
const cookieOf = (header: string) => header.split(';')[0];

test('who knows the token gets a session that no script reads and no other site sends', () => {
  const session = new UserSession(TOKEN, false);
  const header = session.cookieFor(TOKEN);
  assert.match(header, /^loadline-session=[\da-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.equal(session.isIn(cookieOf(header)), true);
  assert.equal(session.isIn(`other=1; ${cookieOf(header)}; more=2`), true);
  assert.equal(header.includes(TOKEN), false);
});

test('behind TLS the cookie never leaves it', () => {
  assert.match(new UserSession(TOKEN, true).cookieFor(TOKEN), /; Secure$/);
});

test('what is not the session is none', () => {
  const session = new UserSession(TOKEN, false);
  for (const cookies of [
    undefined,
    '',
    'loadline-session=',
    `loadline-session=${TOKEN}`,
    `x${cookieOf(session.cookieFor(TOKEN))}`,
  ]) {
    assert.equal(session.isIn(cookies), false, cookies);
  }
});

test('a session outlives the dashboard, and not its token', () => {
  const cookie = cookieOf(new UserSession(TOKEN, false).cookieFor(TOKEN));
  assert.equal(new UserSession(TOKEN, false).isIn(cookie), true);
  assert.equal(new UserSession(`${TOKEN}-another`, false).isIn(cookie), false);
});

test('wrong tokens are slowed down, more and more, and the right one ends that', () => {
  let now = 1000;
  const session = new UserSession(TOKEN, false, () => now);
  const statusOf = (token: string) => {
    try {
      session.cookieFor(token);
      return 204;
    } catch (error) {
      return error instanceof Refusal ? error.status : error;
    }
  };
  const pauses = [0.25, 0.5, 1, 2, 4, 8, 10, 10];
  for (const pause of pauses) {
    assert.equal(statusOf('wrong'), 401);
    now += pause - 0.01;
    assert.equal(statusOf(TOKEN), 429, 'even the right one waits');
    now += 0.01;
  }
  assert.equal(statusOf(TOKEN), 204);
  assert.equal(statusOf('wrong'), 401);
  now += 0.25;
  assert.equal(statusOf(TOKEN), 204);
});
