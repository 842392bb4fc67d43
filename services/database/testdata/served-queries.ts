import type { Operation } from '../operation.ts';
import { type NewOrder, readItem, readItems, type StoredOrder, storeOrder, wait } from '../queries.ts';

/** Reads one row after the other. */
function* readManyTimes(times: number): Operation<void> {
  for (let i = 0; i < times; i++) yield* readItem(1 + (i % 10_000));
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

/** Keeps its thread busy while its one statement is in flight. */
function* waitWhileBusy(ms: number): Operation<void> {
  setImmediate(() => {
    for (const end = performance.now() + ms; performance.now() < end; );
  });
  yield* wait(1);
}

/** Stores an order, with a wait in mid-transaction: its key is claimed by then. */
function* storeOrderSlowly(order: NewOrder, ms: number): Operation<StoredOrder> {
  const operation = storeOrder(order);
  let step = operation.next([]);
  while (!step.done) {
    const rows = yield step.value;
    if (step.value.name === 'claim-key') yield* wait(ms);
    step = operation.next(rows);
  }
  return step.value;
}

/** Seconds of silence in mid-transaction after which Postgres ends this session. */
function* readSilence(): Operation<number> {
  const text = `SELECT extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval) AS seconds`;
  const [row] = yield { name: 'silence', text, values: [] };
  return Number(row?.seconds);
}

/** One row with what a driver may get wrong. */
function* readOddValues(): Operation<unknown> {
  const text = `SELECT NULL::text AS nothing, ''::text AS empty, 'Zoë 🐘' AS text, 1.50::numeric AS number, true AS flag, $1 AS echo`;
  return yield { name: 'odd-values', text, values: ['"quoted" \\ é'] };
}

/** What a thread under test can be asked for. */
export const servedQueries = {
  readItem,
  readItems,
  storeOrder,
  storeOrderSlowly,
  wait,
  readManyTimes,
  breakOff,
  waitUnexpectedly,
  waitWhileBusy,
  readSilence,
  readOddValues,
};
export type ServedQueries = typeof servedQueries;
