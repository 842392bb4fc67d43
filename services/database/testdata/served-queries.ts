import type { Operation } from '../operation.ts';
import { readItem, readItems, storeOrder, wait } from '../queries.ts';

/** Does nothing but make Postgres send a warning. */
function* warn(): Operation<void> {
  yield { name: 'warn', text: `DO $$ BEGIN RAISE WARNING 'of no interest'; END $$`, values: [] };
}

/** Breaks off in mid-transaction. */
function* breakOff(): Operation<void> {
  yield { name: 'begin', text: 'BEGIN', values: [] };
  throw new Error('broken off');
}

/** A wait of which Loadline does not know that it takes so long. */
function* waitUnexpectedly(ms: number): Operation<void> {
  yield { name: 'wait-unexpectedly', text: 'SELECT pg_sleep($1::float8 / 1000)', values: [String(ms)] };
}

/** One row with what a driver may get wrong. */
function* readOddValues(): Operation<unknown> {
  const text = `SELECT NULL::text AS nothing, ''::text AS empty, 'Zoë 🐘' AS text, 1.50::numeric AS number, true AS flag, $1 AS echo`;
  return yield { name: 'odd-values', text, values: ['"quoted" \\ é'] };
}

/** What a thread under test can be asked for. */
export const servedQueries = { readItem, readItems, storeOrder, wait, warn, breakOff, waitUnexpectedly, readOddValues };
export type ServedQueries = typeof servedQueries;
