import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorAnswer } from './answer.ts';
import { DatabaseAwayError, DatabaseBusyError, TooManyConnectionsError } from './database/operation.ts';

const logged: string[] = [];
const log = (_level: string, event: string) => void logged.push(event);

for (const [error, detail] of [
  [new DatabaseAwayError('it was paused'), 'The database is away.'],
  [new DatabaseBusyError('20 s'), 'The database is busy.'],
  [new TooManyConnectionsError('53300'), 'The database has too many connections (DATABASE_MAX_CONNECTIONS).'],
] as const) {
  test(`"${detail}" is answered with when to come back, and not logged`, () => {
    const { status, headers, body } = errorAnswer(error, log);
    assert.equal(status, 503);
    assert.deepEqual(headers, { 'retry-after': '1' });
    assert.equal(JSON.parse(body).detail, detail);
    assert.deepEqual(logged, []);
  });
}

test('of any other error the client learns nothing', () => {
  const { status, body } = errorAnswer(new Error('secret'), log);
  assert.equal(status, 500);
  assert.doesNotMatch(body, /secret/);
  assert.deepEqual(logged.splice(0), ['request-failed']);
});
