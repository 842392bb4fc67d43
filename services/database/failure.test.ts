import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, StatementError, takesNobody } from './failure.ts';
import { DatabaseAwayError } from './operation.ts';

const cases: [string, string | undefined, typeof DatabaseAwayError | typeof StatementError][] = [
  ['a connection that broke', undefined, DatabaseAwayError],
  ['a session ended by an administrator', '57P01', DatabaseAwayError],
  ['a server that starts up', '57P03', DatabaseAwayError],
  ['too many connections', '53300', DatabaseAwayError],
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

test('a server takes nobody when it or its database is closed, not when it has too many or has another password', () => {
  assert.deepEqual(['55000', '57P03', '53300', '28P01', undefined].map(takesNobody), [true, true, false, false, false]);
});
