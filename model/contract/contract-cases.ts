/** Example requests with the answers that the contract demands of every app: pure, so that k6 can check them too. */

import { limits } from '../limits.ts';
import { type Route, routes } from './contract.ts';
import { orderLimits } from './order.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';

/** A request and what must be answered to it. */
export interface ContractCase {
  /** In words, in the present tense. */
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expect: ExpectedAnswer;
}

interface ExpectedAnswer {
  readonly status: number;
  /** The whole body, as JSON. */
  readonly body?: unknown;
  /** Members that the body must have, whatever else it has. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** What a problem names as wrong. */
  readonly parameter?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as a client sees it; header names in lower case. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json' };
const order = { customer: 'Ada', lines: [{ item: 7, quantity: 2 }] };
const keyed = { ...json, 'idempotency-key': 'contract-case' };
const line = { item: 1, quantity: 1 };

/** Every case, in the order in which they are to be asked: some look at what an earlier one did. */
export const contractCases: readonly ContractCase[] = [
  get('plain answers at once', '/plain', { status: 200, body: { ok: true } }),
  get('an empty query is none', '/plain?', { status: 200, body: { ok: true } }),
  { ...get('HEAD is answered as GET, without a body', '/plain', { status: 200 }), method: 'HEAD' },
  { ...get('HEAD has problems too', '/wait', { status: 400 }), method: 'HEAD' },
  get('no CPU work has a value', '/cpu?units=0', { status: 200, body: { units: 0, value: 2_654_435_769 } }),
  get('a unit of CPU work has its value', '/cpu?units=1', { status: 200, body: { units: 1, value: 4_270_525_578 } }),
  get('units of CPU work have their value', '/cpu?units=10', { status: 200, members: { units: 10 } }),
  get('a wait of nothing is answered', '/wait?ms=0', { status: 200, body: { ms: 0 } }),
  get('a wait is answered', '/wait?ms=20', { status: 200, body: { ms: 20 } }),
  get('the first item is there', '/items/1', { status: 200, members: { id: 1 } }),
  get('the last item is there', '/items/10000', { status: 200, members: { id: 10_000 } }),
  { ...get('HEAD of an item is answered', '/items/7', { status: 200 }), method: 'HEAD' },
  get('items come 20 at a time', '/items', { status: 200 }),
  get('items come one at a time', '/items?limit=1', { status: 200 }),
  get('items come 100 at a time', '/items?limit=100', { status: 200 }),
  get('work of nothing is answered', '/work', {
    status: 200,
    body: { units: 0, value: 2_654_435_769, ms: 0, reads: 0 },
  }),
  get('work does what it is told', '/work?units=1&ms=2&reads=3', {
    status: 200,
    body: { units: 1, value: 4_270_525_578, ms: 2, reads: 3 },
  }),
  ...Object.values(routes).flatMap(limitCases),

  post('an order is stored', order, { status: 201, members: { customer: 'Ada' } }),
  post(
    'an order in UTF-8 by name is stored',
    order,
    { status: 201 },
    { 'content-type': 'application/json; charset=utf-8' },
  ),
  post(
    'an order of the most lines is stored',
    { ...order, lines: Array(orderLimits.lines).fill(line) },
    { status: 201 },
  ),
  post('a customer of the longest name is stored', { ...order, customer: 'ü'.repeat(64) }, { status: 201 }),
  post('an order with a key is stored', order, { status: 201, members: { customer: 'Ada' } }, keyed),
  post(
    'the same order with the same key is answered again',
    order,
    { status: 201, members: { customer: 'Ada' } },
    keyed,
  ),
  post(
    'another order with the same key is refused',
    { ...order, customer: 'Bob' },
    wrong('Idempotency-Key', 422),
    keyed,
  ),
  post('a key of 65 characters is refused', order, wrong('Idempotency-Key'), {
    ...json,
    'idempotency-key': 'k'.repeat(65),
  }),
  post('a key with a space is refused', order, wrong('Idempotency-Key'), { ...json, 'idempotency-key': 'two words' }),
  post('an order without lines is refused', { ...order, lines: [] }, wrong('lines')),
  post('an order of too many lines is refused', { ...order, lines: Array(51).fill(line) }, wrong('lines')),
  post('an order of nobody is refused', { lines: [line] }, wrong('customer')),
  post('a customer without a name is refused', { ...order, customer: '' }, wrong('customer')),
  post('a customer of too long a name is refused', { ...order, customer: 'x'.repeat(65) }, wrong('customer')),
  post('a name with U+0000 is refused', { ...order, customer: 'a\0b' }, wrong('customer')),
  post('item 0 is refused', { ...order, lines: [{ item: 0, quantity: 1 }] }, wrong('lines[0].item')),
  post('item 10,001 is refused', { ...order, lines: [{ item: 10_001, quantity: 1 }] }, wrong('lines[0].item')),
  post('a quantity of 0 is refused', { ...order, lines: [line, { item: 1, quantity: 0 }] }, wrong('lines[1].quantity')),
  post(
    'a quantity of 1,001 is refused',
    { ...order, lines: [{ item: 1, quantity: 1001 }] },
    wrong('lines[0].quantity'),
  ),
  post('half an item is refused', { ...order, lines: [{ item: 1.5, quantity: 1 }] }, wrong('lines[0].item')),
  post('a number as text is refused', { ...order, lines: [{ item: '1', quantity: 1 }] }, wrong('lines[0].item')),
  post('an unknown key is refused', { ...order, note: 'hurry' }, wrong('note')),
  post('an unknown key of a line is refused', { ...order, lines: [{ ...line, price: 1 }] }, wrong('lines[0].price')),
  post('a line that is no object is refused', { ...order, lines: [7] }, wrong('lines[0]')),
  post('a list is no order', [order], wrong('body')),
  post('a body that is not JSON is refused', '{"customer":', wrong('body')),
  post('an empty body is refused', '', wrong('body')),
  post('a body of too many bytes is refused', 'x'.repeat(limits.worker.bodySize + 1), { status: 413 }),
  post('a body of the most bytes is read', 'x'.repeat(limits.worker.bodySize), wrong('body')),
  post('a body of another media type is refused', order, { status: 415 }, { 'content-type': 'text/plain' }),
  post(
    'a body in another charset is refused',
    order,
    { status: 415 },
    { 'content-type': 'application/json; charset=latin1' },
  ),
  post('a compressed body is refused', order, { status: 415 }, { ...json, 'content-encoding': 'gzip' }),
  { ...post('orders take no parameters', order, wrong('limit')), path: '/orders?limit=1' },

  get('an unknown address is not found', '/nothing', { status: 404 }),
  get('the root is not found', '/', { status: 404 }),
  get('a slash at the end makes another address', '/plain/', { status: 404 }),
  get('an item without a number is another address', '/items/', { status: 404 }),
  get('an address below an item is not found', '/items/1/2', { status: 404 }),
  get('capitals make another address', '/Plain', { status: 404 }),
  get('nothing in an address is decoded', '/%70lain', { status: 404 }),
  get('nothing in an item is decoded', '/items/%31', wrong('id')),
  get('orders cannot be read', '/orders', { status: 405, headers: { allow: 'POST' } }),
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map(method => ({
    ...get(`plain does not take ${method}`, '/plain', { status: 405, headers: { allow: 'GET, HEAD' } }),
    method,
  })),
];

/** What is wrong with an answer, a sentence each; none when it is the one that the contract demands. */
export function listViolations({ method, expect }: ContractCase, { status, headers, body }: SeenAnswer): string[] {
  const violations: string[] = [];
  const demand = (what: string, seen: unknown, wanted: unknown) => {
    if (canonical(seen) !== canonical(wanted))
      violations.push(`${what} is ${canonical(seen)}, not ${canonical(wanted)}`);
  };
  demand('status', status, expect.status);
  demand('content-type', headers['content-type'], expect.status < 400 ? 'application/json' : PROBLEM_MEDIA_TYPE);
  for (const [name, value] of Object.entries(expect.headers ?? {})) demand(name, headers[name], value);
  if (!headers['x-worker']) violations.push('x-worker is missing');
  if (!/^db;dur=\d+\.\d{3}, app;dur=\d+\.\d{3}$/.test(headers['server-timing'] ?? '')) {
    violations.push(`server-timing is ${headers['server-timing']}`);
  }
  if (method === 'HEAD') {
    demand('body', body, '');
    return violations;
  }
  const seen = parse(body);
  if (expect.body !== undefined) demand('body', seen, expect.body);
  const problem =
    expect.status < 400 ? {} : { type: 'about:blank', status: expect.status, parameter: expect.parameter };
  for (const [name, value] of Object.entries({ ...problem, ...expect.members })) demand(name, seen[name], value);
  return violations;
}

/** Both sides of every limit of a route's parameters, and texts that are no whole numbers. */
function limitCases({ name, parameters }: Route): ContractCase[] {
  return parameters.flatMap(({ name: parameter, in: place, minimum, maximum, default: fallback }) => {
    const at = (value: string) => (place === 'path' ? `/items/${value}` : `${routes[name].path}?${parameter}=${value}`);
    const refused = ['-1', '+5', '5.0', '5e1', '0x5', '05', '%35', '5%20', '1234567', 'x', String(maximum + 1)];
    if (minimum > 0) refused.push(String(minimum - 1));
    if (place === 'query') refused.push('', '1=1');
    const cases = refused.map(value =>
      get(`${parameter} of ${name} is not ${value || 'nothing'}`, at(value), wrong(parameter)),
    );
    if (place === 'path') return cases;
    cases.push(get(`${parameter} of ${name} is given once`, `${at('1')}&${parameter}=1`, wrong(parameter)));
    cases.push(get(`${name} takes no speed beside ${parameter}`, `${at('1')}&speed=1`, wrong('speed')));
    if (fallback === undefined)
      cases.push(get(`${parameter} of ${name} must be given`, routes[name].path, wrong(parameter)));
    return cases;
  });
}

function get(name: string, path: string, expect: ExpectedAnswer): ContractCase {
  return { name, method: 'GET', path, expect };
}

function post(
  name: string,
  body: unknown,
  expect: ExpectedAnswer,
  headers: Readonly<Record<string, string>> = json,
): ContractCase {
  return {
    name,
    method: 'POST',
    path: '/orders',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    expect,
  };
}

function wrong(parameter: string, status = 400): ExpectedAnswer {
  return { status, parameter };
}

function parse(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
