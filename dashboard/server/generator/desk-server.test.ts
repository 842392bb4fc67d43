import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { LiveReport } from '../../../model/wire.ts';
import { type OpenDesk, openDesk } from './desk-server.ts';
import { GeneratorDesk } from './generator-desk.ts';
import { histogramOf, liveReport, targetReport } from './testdata/live-reports.ts';

const json = { 'content-type': 'application/json' };
const desk = new GeneratorDesk(() => 5000);
const heard: LiveReport[] = [];
desk.listen(report => heard.push(report));
let open: OpenDesk;

before(async () => {
  open = await openDesk(desk, { host: '127.0.0.1', port: 0 });
});

after(() => open.close());

/** Not by `fetch`, which takes away or adds some of the headers that matter here. */
function send(method: string, headers: Record<string, string>, body = '') {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: open.port, path: '/', method, headers }, response => {
        text(response).then(body => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

test('a report is handed to the desk as it was told, and answered with the orders', async () => {
  const report = liveReport({
    number: 1,
    targets: [
      targetReport({
        sent: 12,
        completed: 9,
        responseTime: histogramOf(0.02, 0.3),
        dots: [[7, 1000.5]],
        endedDots: [
          [5, 1000.25],
          [6, 1000.3, 'timeout'],
        ],
      }),
    ],
  });
  const { status, headers, body } = await send('POST', json, JSON.stringify(report));
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual(heard, [report]);
  assert.deepEqual(JSON.parse(body), desk.answer(report));
});

const whole = JSON.stringify(liveReport({ number: 2, targets: [targetReport({})] }));
const refusals: [
  what: string,
  method: string,
  headers: Record<string, string>,
  body: string,
  status: number,
  detail: RegExp,
][] = [
  [
    'a request from a page',
    'POST',
    { ...json, origin: 'http://127.0.0.1:8080' },
    whole,
    403,
    /Browsers have no business here/,
  ],
  ['a request from an opaque origin', 'POST', { ...json, origin: 'null' }, whole, 403, /Browsers/],
  ['a request by a browser without an origin', 'POST', { ...json, 'sec-fetch-site': 'none' }, whole, 403, /Browsers/],
  ['a question without a report', 'GET', {}, '', 405, /posted/],
  ['a form', 'POST', { 'content-type': 'text/plain' }, whole, 415, /application\/json/],
  ['a report that is no JSON', 'POST', json, '{', 400, /no JSON/],
  [
    'a report without its number',
    'POST',
    json,
    JSON.stringify({ ...liveReport({ number: 2 }), number: undefined }),
    400,
    /number/,
  ],
  ['a dot without its moment', 'POST', json, whole.replace('"dots":[]', '"dots":[[1]]'), 400, /targets\.0\.dots\.0/],
  [
    'an error of another kind',
    'POST',
    json,
    whole.replace('"endedDots":[]', '"endedDots":[[1,2,"bad"]]'),
    400,
    /endedDots/,
  ],
  ['a report of more than 1 MB', 'POST', json, ' '.repeat(1_000_001), 413, /1000000 bytes/],
];

for (const [what, method, headers, body, status, detail] of refusals) {
  test(`${what} is refused with ${status}`, async () => {
    const before = heard.length;
    const answer = await send(method, headers, body);
    assert.equal(answer.status, status);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.match(JSON.parse(answer.body).detail, detail);
    assert.equal(heard.length, before);
  });
}

test('a port that is taken is an error of whoever opens it', async () => {
  await assert.rejects(openDesk(desk, { host: '127.0.0.1', port: open.port }), { code: 'EADDRINUSE' });
});
