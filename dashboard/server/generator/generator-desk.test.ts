import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { LiveOrders } from '../../../model/wire.ts';
import { GeneratorDesk } from './generator-desk.ts';
import { liveReport } from './testdata/live-reports.ts';

const orders: Omit<LiveOrders, 'number' | 'bursts'> = {
  stop: false,
  arrivalRate: 120,
  users: 0,
  thinkTime: 1,
  targets: [{ name: 'hybrid', url: 'http://127.0.0.1:8085' }],
  requests: [{ weight: 1, method: 'GET', path: '/plain' }],
  timeLimit: 10,
  objective: 0.25,
  requestsPerDot: 1,
};

let now: number;
let desk: GeneratorDesk;

beforeEach(() => {
  now = 5000;
  desk = new GeneratorDesk(() => now);
});

test('a generator is told to send nothing until something is ordered', () => {
  const { stop, targets, requests, bursts } = desk.answer(liveReport({ number: 1 }));
  assert.deepEqual({ stop, targets, requests, bursts }, { stop: true, targets: [], requests: [], bursts: [] });
});

test('orders are numbered anew each time, above all numbers of an earlier start of the dashboard', () => {
  desk.obey(orders);
  const first = desk.answer(liveReport({ number: 1 }));
  assert.deepEqual(first, { ...orders, number: 5_000_001, bursts: [] });
  assert.equal(desk.answer(liveReport({ number: 2 })).number, 5_000_001);
  desk.obey({ ...orders, arrivalRate: 130 });
  assert.deepEqual(desk.answer(liveReport({ number: 3 })), {
    ...orders,
    arrivalRate: 130,
    number: 5_000_002,
    bursts: [],
  });
  now = 5001;
  assert.ok(new GeneratorDesk(() => now).answer(liveReport({ number: 4 })).number > 5_000_002);
});

test('the generator is connected for 3 s after each question', () => {
  assert.equal(desk.connected, false);
  desk.answer(liveReport({ number: 1 }));
  now = 5003;
  assert.equal(desk.connected, true);
  now = 5003.1;
  assert.equal(desk.connected, false);
});

test('a burst is told for 10 s to the one start of the generator that heard of it first', () => {
  const burst = { target: 'hybrid', requests: 100 };
  desk.burst(burst);
  desk.burst({ target: 'sync', requests: 5 });
  const both = [
    { ...burst, number: 5_000_001 },
    { target: 'sync', requests: 5, number: 5_000_002 },
  ];
  assert.deepEqual(desk.answer(liveReport({ number: 1 })).bursts, both);
  now = 5001;
  assert.deepEqual(desk.answer(liveReport({ number: 2 })).bursts, both, 'the first answer may have been lost');
  assert.deepEqual(
    desk.answer(liveReport({ number: 1, started: 1001 })).bursts,
    [],
    'another start would send it again',
  );
});

test('a burst that nobody asked for within 10 s is never sent', () => {
  desk.burst({ target: 'hybrid', requests: 100 });
  now = 5010;
  assert.deepEqual(desk.answer(liveReport({ number: 1 })).bursts, []);
});

test('the latest 50 bursts are kept', () => {
  for (let requests = 1; requests <= 60; requests++) desk.burst({ target: 'hybrid', requests });
  const kept = desk.answer(liveReport({ number: 1 })).bursts.map(({ requests }) => requests);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [50, 11, 60]);
});

test('a report that is told twice is heard once, and answered twice', () => {
  const heard: number[] = [];
  desk.listen(({ number }) => heard.push(number));
  for (const number of [1, 1, 2, 1, 2, 3]) assert.equal(desk.answer(liveReport({ number })).stop, true);
  assert.deepEqual(heard, [1, 2, 3]);
});

test('the reports of a generator that was started anew are heard from the first one on', () => {
  const heard: [number, number][] = [];
  desk.listen(({ started, number }) => heard.push([started, number]));
  desk.answer(liveReport({ number: 7 }));
  desk.answer(liveReport({ number: 1, started: 1001 }));
  assert.deepEqual(heard, [
    [1000, 7],
    [1001, 1],
  ]);
});

test('of two generators the older one is stopped and not heard while the newer one asks', () => {
  const heard: number[] = [];
  desk.listen(({ started }) => heard.push(started));
  desk.obey(orders);
  desk.burst({ target: 'hybrid', requests: 5 });
  desk.answer(liveReport({ number: 1, started: 1001 }));
  const { stop, bursts } = desk.answer(liveReport({ number: 9, started: 1000 }));
  assert.deepEqual({ stop, bursts, heard }, { stop: true, bursts: [], heard: [1001] });
  now += 3.1;
  assert.equal(desk.answer(liveReport({ number: 10, started: 1000 })).stop, false, 'the newer one is gone');
  assert.deepEqual(heard, [1001, 1000]);
});
