import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectFailureOf, failureOf, StatementError, stateAfterRefusal } from './failure.ts';
import { DatabaseAwayError, TooManyConnectionsError } from './operation.ts';

type Failure = typeof DatabaseAwayError | typeof StatementError | typeof TooManyConnectionsError;
const cases: [string, string | undefined, Failure][] = [
  ['a connection that broke', undefined, DatabaseAwayError],
  ['a session ended by an administrator', '57P01', DatabaseAwayError],
  ['a server that starts up', '57P03', DatabaseAwayError],
  ['too many connections', '53300', TooManyConnectionsError],
  ['a session ended for its silence in mid-transaction', '25P03', DatabaseAwayError],
  ['a deadlock', '40P01', DatabaseAwayError],
  ['a number out of range', '22003', StatementError],
  ['a table that does not exist', '42P01', StatementError],
];

for (const [what, sqlState, kind] of cases) {
  test(`${what} is a ${kind.name}`, () => {
    const failure = failureOf('It failed.\n', sqlState);
    assert.ok(failure instanceof kind);
    assert.equal(failure.message, sqlState === undefined ? 'It failed.' : `It failed. (SQLSTATE ${sqlState})`);
  });
}

test('a refused connection says that the database is away, or full, or nothing', () => {
  assert.deepEqual(['55000', '57P03', '53300', '28P01', undefined].map(stateAfterRefusal), [
    'away',
    'away',
    'full',
    undefined,
    undefined,
  ]);
});

test('a new client without a connection finds the database away, unless it has too many connections', () => {
  assert.ok(connectFailureOf('It failed.', '28P01') instanceof DatabaseAwayError);
  assert.ok(connectFailureOf('It failed.', '53300') instanceof TooManyConnectionsError);
});
