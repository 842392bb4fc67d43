import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../parts.ts';
import { UserSession } from './user-session.ts';

const TOKEN = 'a-token-of-the-users';
const cookieOf = (header: string) => header.split(';')[0];

test('who knows the token gets a session that no script reads and no other site sends', async () => {
  const session = new UserSession(TOKEN);
  const header = await session.cookieFor(TOKEN, false);
  assert.match(header, /^loadline-session=[\da-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.equal(session.isIn(cookieOf(header)), true);
  assert.equal(session.isIn(`other=1; ${cookieOf(header)}; more=2`), true);
  assert.equal(header.includes(TOKEN), false);
});

test('behind TLS the cookie never leaves it', async () => {
  assert.match(await new UserSession(TOKEN).cookieFor(TOKEN, true), /; Secure$/);
});

test('what is not the session is none', async () => {
  const session = new UserSession(TOKEN);
  for (const cookies of [
    undefined,
    '',
    'loadline-session=',
    `loadline-session=${TOKEN}`,
    `x${cookieOf(await session.cookieFor(TOKEN, false))}`,
  ]) {
    assert.equal(session.isIn(cookies), false, cookies);
  }
});

test('a session outlives the dashboard, and not its token', async () => {
  const cookie = cookieOf(await new UserSession(TOKEN).cookieFor(TOKEN, false));
  assert.equal(new UserSession(TOKEN).isIn(cookie), true);
  assert.equal(new UserSession(`${TOKEN}-another`).isIn(cookie), false);
});

test('a wrong token is answered after a pause, and keeps nobody out who knows the right one', async () => {
  const { promise: pause, resolve: pass } = Promise.withResolvers<void>();
  const session = new UserSession(TOKEN, () => pause);
  let refused = 0;
  const wrong = Array.from({ length: 49 }, () =>
    assert.rejects(session.cookieFor('wrong', false), isRefusal(401)).then(() => {
      refused += 1;
    }),
  );
  assert.match(await session.cookieFor(TOKEN, false), /^loadline-session=/);
  assert.equal(refused, 0);
  pass();
  await Promise.all(wrong);
  assert.equal(refused, 49);
});

test('only so many wrong tokens wait at the same time, and then others are looked at again', async () => {
  const { promise: pause, resolve: pass } = Promise.withResolvers<void>();
  const session = new UserSession(TOKEN, () => pause);
  const wrong = Array.from({ length: 50 }, () => assert.rejects(session.cookieFor('wrong', false), isRefusal(401)));
  await assert.rejects(session.cookieFor('another', false), isRefusal(429));
  pass();
  await Promise.all(wrong);
  assert.match(await session.cookieFor(TOKEN, false), /^loadline-session=/);
});

function isRefusal(status: number): (error: unknown) => boolean {
  return error => error instanceof Refusal && error.status === status;
}
