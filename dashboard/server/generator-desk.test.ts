import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { LiveOrders } from '../../model/wire.ts';
import { createDeskServer, GeneratorDesk } from './generator-desk.ts';
import { liveReport, targetReport } from './testdata/live-reports.ts';

const orders: Omit<LiveOrders, 'number' | 'bursts'> = {
  ...{ stop: false, arrivalRate: 120, users: 0, thinkTime: 1, timeLimit: 10, objective: 0.25, requestsPerDot: 1 },
  targets: [{ name: 'hybrid', url: 'http://127.0.0.1:8085' }],
  requests: [{ weight: 1, method: 'GET', path: '/plain' }],
};

let now: number;
let desk: GeneratorDesk;
/** The reports that were heard: the start of their k6, and their number. */
let heard: [started: number, number: number][];

beforeEach(() => {
  now = 5000;
  heard = [];
  desk = new GeneratorDesk(() => now);
  desk.listen(({ started, number }) => heard.push([started, number]));
});

test('k6 sends nothing until something is ordered', () => {
  const { stop, targets, requests, bursts } = desk.answer(liveReport({ number: 1 }));
  assert.deepEqual({ stop, targets, requests, bursts }, { stop: true, targets: [], requests: [], bursts: [] });
});

test('orders are numbered, above all numbers of an earlier dashboard', () => {
  desk.obey(orders);
  assert.deepEqual(desk.answer(liveReport({ number: 1 })), { ...orders, number: 5_000_001, bursts: [] });
  desk.obey({ ...orders, arrivalRate: 130 });
  const { number, arrivalRate } = desk.answer(liveReport({ number: 2 }));
  assert.deepEqual([number, arrivalRate], [5_000_002, 130]);
  now = 5001;
  assert.ok(new GeneratorDesk(() => now).answer(liveReport({ number: 3 })).number > 5_000_002);
});

test('k6 is connected for 3 s after each report', () => {
  assert.equal(desk.connected, false);
  desk.answer(liveReport({ number: 1 }));
  now = 5003;
  assert.equal(desk.connected, true);
  now = 5003.1;
  assert.equal(desk.connected, false);
});

test('a burst is repeated to the k6 that got it first, and to no other', () => {
  desk.burst({ target: 'hybrid', requests: 100 });
  desk.burst({ target: 'sync', requests: 5 });
  const both = [
    { target: 'hybrid', requests: 100, number: 5_000_001 },
    { target: 'sync', requests: 5, number: 5_000_002 },
  ];
  for (const number of [1, 2]) assert.deepEqual(desk.answer(liveReport({ number })).bursts, both);
  assert.deepEqual(desk.answer(liveReport({ number: 1, started: 1001 })).bursts, []);
});

test('bursts are kept for 10 s, and the latest 50 of them', () => {
  desk.burst({ target: 'hybrid', requests: 100 });
  now = 5010;
  assert.deepEqual(desk.answer(liveReport({ number: 1 })).bursts, []);
  for (let requests = 1; requests <= 60; requests++) desk.burst({ target: 'hybrid', requests });
  const kept = desk.answer(liveReport({ number: 2 })).bursts.map(({ requests }) => requests);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [50, 11, 60]);
});

test('a report is heard once, and those of a new k6 from the first on', () => {
  for (const number of [1, 1, 2, 1, 2, 3]) desk.answer(liveReport({ number }));
  desk.answer(liveReport({ number: 1, started: 1001 }));
  assert.deepEqual(heard, [
    [1000, 1],
    [1000, 2],
    [1000, 3],
    [1001, 1],
  ]);
});

test('of two k6 processes the older is stopped and not heard while the newer reports', () => {
  desk.obey(orders);
  desk.burst({ target: 'hybrid', requests: 5 });
  desk.answer(liveReport({ number: 1, started: 1001 }));
  const { stop, bursts } = desk.answer(liveReport({ number: 9, started: 1000 }));
  assert.deepEqual({ stop, bursts, heard }, { stop: true, bursts: [], heard: [[1001, 1]] });
  now += 3.1;
  assert.equal(desk.answer(liveReport({ number: 10, started: 1000 })).stop, false);
});

test('k6 posts its report and gets its orders', async () => {
  const report = liveReport({ number: 1, targets: [targetReport({ sent: 12, endedDots: [[6, 1000.3, 'timeout']] })] });
  const answer = await createDeskServer(desk).inject({ method: 'POST', url: '/', payload: report });
  assert.deepEqual([answer.statusCode, answer.json()], [200, desk.answer(report)]);
  assert.deepEqual(heard, [[1000, 1]]);
});

const report = JSON.stringify(liveReport({ number: 2 }));
const json = { 'content-type': 'application/json' };
const refusals: [sentence: string, headers: Record<string, string>, payload: string, status: number][] = [
  ['a page', { ...json, origin: 'http://127.0.0.1:8080' }, report, 403],
  ['an opaque origin', { ...json, origin: 'null' }, report, 403],
  ['a browser without an origin', { ...json, 'sec-fetch-site': 'none' }, report, 403],
  ['a form', { 'content-type': 'text/plain' }, report, 415],
  ['half a report', json, '{', 400],
  ['more than 1 MB', json, `"${' '.repeat(1_000_000)}"`, 413],
];

test('the desk refuses browsers, and what is not a report', async () => {
  for (const [sentence, headers, payload, status] of refusals) {
    const answer = await createDeskServer(desk).inject({ method: 'POST', url: '/', headers, payload });
    assert.equal(answer.statusCode, status, sentence);
  }
  assert.deepEqual(heard, []);
});
