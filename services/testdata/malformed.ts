import fc from 'fast-check';
import { type RouteName, requestFor, routes } from '../../model/contract/contract.ts';

/** A request that may be wrong in any of its parts. */
export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const small = { units: 1, ms: 1, reads: 1, limit: 1, id: 1 };
// Small where they are right: a fuzzed wait of five seconds finds nothing.
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '2',
    '-1',
    '+1',
    '1.0',
    '1e1',
    '0x1',
    '01',
    '',
    ' ',
    '%31',
    '%',
    '%zz',
    '%00',
    '999999',
    '1;2',
    'NaN',
    "1'--",
  ),
  fc.string({ maxLength: 20 }).map(encodeURI),
);
const name = fc.oneof(
  fc.constantFrom('ms', 'units', 'reads', 'limit', 'id', '__proto__', ''),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const query = fc
  .array(fc.tuple(name, value), { maxLength: 4 })
  .map(pairs => pairs.map(pair => pair.join('=')).join('&'));
const suffix = fc.oneof(
  fc.constantFrom('', '/', '//', '/.', '/..', '/%2e%2e', '%00', ';a=1', '#x', '?', '??'),
  fc.string({ maxLength: 10 }).map(encodeURI),
);

const body = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.string({ maxLength: 200 }),
  fc
    .record({
      customer: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.integer()),
      lines: fc.anything({ maxDepth: 3 }),
    })
    .map(order => JSON.stringify(order, (_key, part) => (typeof part === 'bigint' ? String(part) : part))),
  fc
    .record({
      customer: fc.string({ maxLength: 70, unit: 'binary' }),
      lines: fc.array(
        fc.record({
          item: fc.integer({ min: -1, max: 10_010 }),
          quantity: fc.oneof(fc.integer({ min: -1, max: 1010 }), fc.double()),
        }),
        { maxLength: 52 },
      ),
    })
    .map(order => JSON.stringify(order)),
  fc.constant('['.repeat(10_000)),
  fc.integer({ min: 16_380, max: 16_390 }).map(size => 'x'.repeat(size)),
);

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'APPLICATION/JSON;charset=UTF-8',
      'application/json;',
      'text/plain',
      'application/json; charset=utf-16',
      ';',
      'a',
    ),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br', ''),
    'idempotency-key': fc.oneof(fc.uuid(), fc.constantFrom('', ' ', 'a b', 'k'.repeat(65))),
    accept: fc.constantFrom('*/*', 'text/html', ''),
    'accept-encoding': fc.constantFrom('gzip', 'br', 'identity;q=0'),
    'if-none-match': fc.constantFrom('*', '"x"'),
    range: fc.constant('bytes=0-0'),
    cookie: fc.constant('a=%'),
    'x-http-method-override': fc.constant('DELETE'),
    'accept-version': fc.constant('1.x'),
  },
  { requiredKeys: [] },
);

/** Requests around a route that a client library can send. */
export function oddRequests(route: RouteName): fc.Arbitrary<OddRequest> {
  const method = fc.oneof(
    { weight: 6, arbitrary: fc.constant(routes[route].method) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'),
    },
  );
  const path = fc.oneof(
    query.map(text => `${pathOf(route)}?${text}`),
    fc.tuple(suffix, query).map(([end, text]) => `${pathOf(route)}${end}?${text}`),
    value.map(text => `${routes[route].path.replace(':id', '')}${text}`),
  );
  return fc.record({ method, path, headers, body });
}

/** Bytes that were a request to the route before some of them were changed. */
export function oddBytes(route: RouteName): fc.Arbitrary<Buffer> {
  const { method, path, body: text = '' } = requestFor(route, small);
  const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`;
  const change = fc.record({
    at: fc.nat(head.length + text.length),
    drop: fc.nat(6),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom('\r\n', '\n', ' ', '\0', '\r\nTransfer-Encoding: chunked', 'GET / HTTP/1.1\r\n\r\n')
        .map(part => Buffer.from(part)),
    ),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map(changes =>
      changes.reduce<Buffer>(
        (bytes, { at, drop, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]),
        Buffer.from(head + text),
      ),
    );
}

function pathOf(route: RouteName): string {
  return routes[route].path.replace(':id', '1');
}
