import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Row } from './operation.ts';
import { readItem, storeOrder, wait } from './queries.ts';

/** Runs an operation on made-up rows, by statement; returns what it came to and the statements that it sent. */
function rehearse<T>(operation: Operation<T>, rows: Readonly<Record<string, readonly Row[]>>) {
  const sent: string[] = [];
  let step = operation.next([]);
  while (!step.done) {
    sent.push(step.value.name);
    step = operation.next(rows[step.value.name] ?? []);
  }
  return { value: step.value, sent };
}

const order = { customer: 'Ada', lines: [{ item: 1, quantity: 3 }], fingerprint: 'f' };
const rows = { 'read-prices': [{ id: '1', price: '250' }], 'insert-order': [{ id: '9' }], 'claim-key': [{ key: 'k' }] };

test('a wait says how many seconds it takes by itself', () => {
  const { value } = wait(250).next([]);
  assert.ok(value);
  assert.equal(value.expected, 0.25);
  assert.deepEqual(value.values, ['250']);
});

test('the text of a row becomes numbers', () => {
  const row = { id: '7', name: 'Item 00007', price: '6033', stock: '217' };
  const { value } = rehearse(readItem(7), { 'read-item': [row] });
  assert.deepEqual(value, { id: 7, name: 'Item 00007', price: 6033, stock: 217 });
});

test('an order without a key is stored in one transaction', () => {
  const { value, sent } = rehearse(storeOrder(order), rows);
  assert.deepEqual(sent, ['begin', 'read-prices', 'insert-order', 'commit']);
  const lines = [{ item: 1, quantity: 3, price: 250 }];
  assert.deepEqual(value, { state: 'stored', order: { id: 9, customer: 'Ada', lines, total: 750 } });
});

test('the answer is kept with its key before the transaction commits', () => {
  const { sent } = rehearse(storeOrder({ ...order, idempotencyKey: 'k' }), rows);
  assert.deepEqual(sent, ['begin', 'claim-key', 'read-prices', 'insert-order', 'keep-answer', 'commit']);
});

test('an order with an unknown item is rolled back before anything of it is stored', () => {
  const lines = [...order.lines, { item: 2, quantity: 1 }];
  const { value, sent } = rehearse(storeOrder({ ...order, lines }), rows);
  assert.deepEqual(value, { state: 'unknown-item', line: 1 });
  assert.deepEqual(sent, ['begin', 'read-prices', 'rollback']);
});

test('a key that is taken gives the answer of then, or is refused to another body', () => {
  const given = { id: 9, customer: 'Ada', lines: [], total: 0 };
  const taken = { 'read-key': [{ fingerprint: 'f', answer: JSON.stringify(given) }] };
  const same = rehearse(storeOrder({ ...order, idempotencyKey: 'k' }), taken);
  assert.deepEqual(same.value, { state: 'already-stored', order: given });
  const other = rehearse(storeOrder({ ...order, idempotencyKey: 'k', fingerprint: 'g' }), taken);
  assert.deepEqual(other.value, { state: 'key-reused' });
  assert.deepEqual(other.sent, ['begin', 'claim-key', 'read-key', 'rollback']);
});
