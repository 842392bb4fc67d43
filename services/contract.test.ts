import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RouteName, requestFor, routes } from '../model/contract/contract.ts';
import { contractCases, listViolations } from '../model/contract/contract-cases.ts';
import { parseOrder } from '../model/contract/order.ts';
import { isProblem } from '../model/contract/problem.ts';
import { type RequestHeaders, resolve } from './resolve.ts';

test('a request that is made for a route resolves to it again', () => {
  const parameters: Record<RouteName, Record<string, number>> = {
    plain: {},
    cpu: { units: 3 },
    wait: { ms: 20 },
    item: { id: 7 },
    items: { limit: 5 },
    orders: {},
    work: { units: 1, ms: 2, reads: 3 },
  };
  for (const { name } of Object.values(routes)) {
    const { method, path, body } = requestFor(name, parameters[name]);
    const resolved = resolve(method, path, { 'content-type': 'application/json' });
    assert.deepEqual(resolved, { route: name, parameters: parameters[name] });
    if (body !== undefined) assert.ok(!isProblem(parseOrder(body)));
  }
});

test('a request has the form that a client sends', () => {
  assert.deepEqual(requestFor('wait', { ms: 20 }), { method: 'GET', path: '/wait?ms=20' });
  assert.deepEqual(requestFor('item', { id: 7 }), { method: 'GET', path: '/items/7' });
  assert.deepEqual(requestFor('items', {}), { method: 'GET', path: '/items' });
});

test('parameters that are not given take their defaults', () => {
  assert.deepEqual(resolve('GET', '/items', {}), { route: 'items', parameters: { limit: 20 } });
  assert.deepEqual(resolve('GET', '/work?ms=3', {}), { route: 'work', parameters: { units: 0, ms: 3, reads: 0 } });
});

const refusals: [
  sentence: string,
  method: string,
  target: string,
  headers: RequestHeaders,
  status: number,
  parameter?: string,
][] = [
  ['a second question mark belongs to the value', 'GET', '/wait?ms=5?ms=5', {}, 400, 'ms'],
  ['an ampersand at the end is a parameter without a name', 'GET', '/wait?ms=5&', {}, 400, ''],
  ['a parameter name is cut', 'GET', `/plain?${'n'.repeat(100)}=1`, {}, 400, 'n'.repeat(64)],
  ['a parameter of an object prototype is unknown', 'GET', '/plain?__proto__=1', {}, 400, '__proto__'],
  ['an absolute address is not found', 'GET', 'http://host/plain', {}, 404],
  ['an asterisk is not found', 'OPTIONS', '*', {}, 404],
  ['a method in small letters is another', 'get', '/plain', {}, 405],
  [
    'a body that says that it is too large is refused',
    'POST',
    '/orders',
    { 'content-type': 'application/json', 'content-length': '16385' },
    413,
  ],
  ['a missing media type is refused', 'POST', '/orders', {}, 415],
  [
    'an empty key is refused',
    'POST',
    '/orders',
    { 'content-type': 'application/json', 'idempotency-key': '' },
    400,
    'Idempotency-Key',
  ],
];

for (const [sentence, method, target, headers, status, parameter] of refusals) {
  test(sentence, () => {
    const resolved = resolve(method, target, headers);
    assert.ok(isProblem(resolved));
    assert.equal(resolved.problem.status, status);
    assert.equal(resolved.problem.parameter, parameter);
  });
}

test('an order keeps one order of its keys, whatever theirs was', () => {
  const order = parseOrder('{"lines":[{"quantity":2,"item":1}],"customer":"Ada"}');
  assert.equal(JSON.stringify(order), '{"customer":"Ada","lines":[{"item":1,"quantity":2}]}');
});

test('half a surrogate pair is no name', () => {
  const order = parseOrder('{"customer":"\\ud800","lines":[{"quantity":2,"item":1}]}');
  assert.ok(isProblem(order));
  assert.equal(order.problem.parameter, 'customer');
});

test('cases have names of their own', () => {
  const names = contractCases.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('an answer that breaks the contract is told in sentences', () => {
  const contractCase = { name: '', method: 'GET', path: '/plain', expect: { status: 200, body: { ok: true } } };
  const headers = {
    'content-type': 'application/json',
    'x-worker': 'a',
    'server-timing': 'db;dur=0.000, app;dur=1.000',
  };
  assert.deepEqual(listViolations(contractCase, { status: 200, headers, body: '{"ok":true}' }), []);
  assert.deepEqual(
    listViolations(contractCase, { status: 500, headers: { ...headers, 'x-worker': undefined }, body: '{}' }),
    ['status is 500, not 200', 'x-worker is missing', 'body is {}, not {"ok":true}'],
  );
});
