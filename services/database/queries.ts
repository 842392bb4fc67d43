import type { Item, PricedOrder } from '../../model/contract/contract.ts';
import type { Order } from '../../model/contract/order.ts';
import type { Operation, Row } from './operation.ts';

/** An order that someone wants stored. */
export interface NewOrder extends Order {
  readonly idempotencyKey?: string | undefined;
  /** Tells one body from another: the same key with another fingerprint is refused. */
  readonly fingerprint: string;
}

/** What became of a new order. */
export type StoredOrder =
  /** `already-stored`: the same order had come with the same key, and this is the answer that was given then. */
  | { readonly state: 'stored' | 'already-stored'; readonly order: PricedOrder }
  /** The key was used for another order. */
  | { readonly state: 'key-reused' }
  /** `line`: the position in `lines`, from 0, of the first item that does not exist. Nothing was stored. */
  | { readonly state: 'unknown-item'; readonly line: number };

/** Waits in the database for so many milliseconds. */
export function* wait(ms: number): Operation<void> {
  const text = 'SELECT pg_sleep($1::float8 / 1000)';
  yield { name: 'wait', text, values: [String(ms)], expected: ms / 1000 };
}

/** The item with this id. */
export function* readItem(id: number): Operation<Item | undefined> {
  const text = 'SELECT id, name, price, stock FROM items WHERE id = $1';
  const [row] = yield { name: 'read-item', text, values: [String(id)] };
  return row && itemOf(row);
}

/** The first items, by id. */
export function* readItems(limit: number): Operation<Item[]> {
  const text = 'SELECT id, name, price, stock FROM items ORDER BY id LIMIT $1';
  const rows = yield { name: 'read-items', text, values: [String(limit)] };
  return rows.map(itemOf);
}

/** Stores an order with its lines in one transaction, once for each idempotency key. */
export function* storeOrder(order: NewOrder): Operation<StoredOrder> {
  yield { name: 'begin', text: 'BEGIN', values: [] };
  const outcome = yield* storeInTransaction(order);
  yield outcome.state === 'stored'
    ? { name: 'commit', text: 'COMMIT', values: [] }
    : { name: 'rollback', text: 'ROLLBACK', values: [] };
  return outcome;
}

function* storeInTransaction(newOrder: NewOrder): Operation<StoredOrder> {
  const { customer, lines, idempotencyKey, fingerprint } = newOrder;
  if (idempotencyKey !== undefined && !(yield* claimKey(idempotencyKey, fingerprint))) {
    return yield* answerGivenBefore(idempotencyKey, fingerprint);
  }
  const prices = yield* readPrices(lines.map(({ item }) => item));
  const priced = lines.flatMap(line => {
    const price = prices.get(line.item);
    return price === undefined ? [] : [{ item: line.item, quantity: line.quantity, price }];
  });
  if (priced.length < lines.length) {
    return { state: 'unknown-item', line: lines.findIndex(({ item }) => !prices.has(item)) };
  }
  const total = priced.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const id = yield* insertOrder(customer, priced, total);
  const order: PricedOrder = { id, customer, lines: priced, total };
  if (idempotencyKey !== undefined) yield* keepAnswer(idempotencyKey, order);
  return { state: 'stored', order };
}

/** Whether the key was free. Someone else's claim that is not yet committed is waited for. */
function* claimKey(key: string, fingerprint: string): Operation<boolean> {
  const text =
    'INSERT INTO idempotency_keys (key, fingerprint) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING key';
  const rows = yield { name: 'claim-key', text, values: [key, fingerprint] };
  return rows.length === 1;
}

function* answerGivenBefore(key: string, fingerprint: string): Operation<StoredOrder> {
  const text = 'SELECT fingerprint, answer FROM idempotency_keys WHERE key = $1';
  const [row] = yield { name: 'read-key', text, values: [key] };
  if (row?.fingerprint !== fingerprint || typeof row.answer !== 'string') return { state: 'key-reused' };
  return { state: 'already-stored', order: JSON.parse(row.answer) };
}

function* keepAnswer(key: string, order: PricedOrder): Operation<void> {
  const text = 'UPDATE idempotency_keys SET answer = $2 WHERE key = $1';
  yield { name: 'keep-answer', text, values: [key, JSON.stringify(order)] };
}

/** Prices in whole cents by item, of those items that exist. */
function* readPrices(items: readonly number[]): Operation<Map<number, number>> {
  const text = 'SELECT id, price FROM items WHERE id = ANY ($1::int[])';
  const rows = yield { name: 'read-prices', text, values: [arrayOf(items)] };
  return new Map(rows.map(row => [Number(row.id), Number(row.price)]));
}

function* insertOrder(customer: string, lines: PricedOrder['lines'], total: number): Operation<number> {
  const text = `
    WITH stored AS (INSERT INTO orders (customer, total) VALUES ($1, $2) RETURNING id),
         stored_lines AS (
           INSERT INTO order_lines (order_id, position, item, quantity, price)
           SELECT stored.id, line.position, line.item, line.quantity, line.price
           FROM stored,
                unnest($3::int[], $4::int[], $5::int[]) WITH ORDINALITY AS line (item, quantity, price, position))
    SELECT id FROM stored`;
  const columns = [
    lines.map(({ item }) => item),
    lines.map(({ quantity }) => quantity),
    lines.map(({ price }) => price),
  ];
  const values = [customer, String(total), ...columns.map(arrayOf)];
  const [row] = yield { name: 'insert-order', text, values };
  return Number(row?.id);
}

function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}

function itemOf({ id, name, price, stock }: Row): Item {
  return { id: Number(id), name: String(name), price: Number(price), stock: Number(stock) };
}
