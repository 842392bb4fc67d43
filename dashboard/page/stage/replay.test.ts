import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockAt, hello, START, seen, ToldReplay, type ToldRequest } from './testdata/told.ts';

/** For each request: when its arrival and its end become known, and the phases in which it is shown. */
const schedules: readonly [words: string, ToldRequest, sentTold: number, endTold: number, shown: string][] = [
  [
    'travels, waits, is with its worker for just its time there, and returns',
    { dot: 1, sentAt: 2, worker: 1, begunAt: 2.5, databaseWait: 0.1, endedAt: 2.7 },
    2.6,
    2.7,
    '1.69 absent, 1.71 travelling, 1.99 travelling, 2.01 waiting, 2.37 waiting, 2.39 dispatched, 2.49 dispatched, ' +
      '2.51 computing, 2.59 computing, 2.61 database, 2.69 database, 2.71 returning, 3.19 returning, 3.21 absent',
  ],
  [
    'passes the load balancer when a worker takes it at once',
    { dot: 1, sentAt: 2, begunAt: 2.001, databaseWait: 0.02, endedAt: 2.021 },
    2.2,
    2.2,
    '1.950 travelling, 1.952 dispatched, 2.002 database, 2.022 returning',
  ],
  ['waits while its end is not known', { dot: 1, sentAt: 2.5 }, 3, 99, '2.6 waiting, 5 waiting, 60 waiting'],
  [
    'makes up at once for an end that becomes known late',
    { dot: 1, sentAt: 2, begunAt: 2.1, endedAt: 2.2 },
    2.5,
    5,
    '3.9 waiting, 4.01 dispatched, 4.09 dispatched, 4.11 returning',
  ],
  [
    'falls out of the picture when no worker answered',
    { dot: 1, sentAt: 2, worker: -1, endedAt: 2.05, status: 503 },
    2.3,
    2.3,
    '2.04 waiting, 2.06 falling, 2.84 falling, 2.86 absent',
  ],
];

for (const [words, request, sentTold, endTold, shown] of schedules) {
  test(`a request ${words}`, () => {
    const told = new ToldReplay();
    told.tell(sentTold, [request]);
    let isTold = false;
    for (const [time = '', phase] of shown.split(', ').map(each => each.split(' '))) {
      if (!isTold && Number(time) + 1 >= endTold) told.tell(endTold, [], [request]);
      isTold ||= Number(time) + 1 >= endTold;
      assert.equal(told.see(1, Number(time))?.phase ?? 'absent', phase, `at ${time}`);
    }
  });
}

test('a dot never goes back, and never returns before it was answered, whenever its end becomes known', () => {
  const order = ['travelling', 'waiting', 'dispatched', 'computing', 'database', 'returning'];
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.3, databaseWait: 0.2, endedAt: 2.6 };
  for (let toldAt = 2.6; toldAt < 5; toldAt += 0.037) {
    const told = new ToldReplay();
    told.tell(2.4, [request]);
    let before = { rank: -1, progress: 0 };
    let isTold = false;
    for (let time = 1.5; time < 6; time += 0.016) {
      if (!isTold && time + 1 >= toldAt) {
        told.tell(time + 1, [], [request]);
        isTold = true;
      }
      const dot = told.see(1, time);
      if (dot === undefined) continue;
      const now = { rank: order.indexOf(dot.phase), progress: dot.progress };
      assert.ok(now.rank > before.rank || (now.rank === before.rank && now.progress >= before.progress), `${toldAt}`);
      assert.ok(dot.phase !== 'returning' || time >= 2.6, `returns at ${time}`);
      before = now;
    }
    assert.equal(before.rank, order.length - 1);
  }
});

test('a dot ages from its send until its answer, and knows of its error', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.5, endedAt: 2.75, status: 503 };
  told.tell(2.8, [request], [request]);
  const ages = [1.9, 2.25, 2.6, 3].map(time => told.see(1, time)?.age.toFixed(3));
  assert.deepEqual(ages, ['0.000', '0.250', '0.600', '0.750']);
  assert.equal(told.see(1, 3)?.failed, true);
});

test('workers are shown as they were a second ago, and as before where nothing is told of them', () => {
  const told = new ToldReplay();
  told.tell(2, [], [], { sync: [seen({ inProgress: 1 })], hybrid: [seen({ inProgress: 20 })] });
  told.tell(2.2, [], [], { sync: [seen()] });
  const held = (time: number) => ['sync', 'hybrid'].map(id => told.show(time).workers[id]?.[0]?.inProgress);
  assert.deepEqual([1.9, 2.1, 2.3].map(held), [
    [undefined, undefined],
    [1, 20],
    [0, 20],
  ]);
});

test('after another hello nothing of before is shown', () => {
  const told = new ToldReplay();
  told.tell(2.5, [{ dot: 1, sentAt: 2.4 }], [], { sync: [seen()] });
  assert.equal(told.show(2.6).dots.length, 1);
  told.replay.hello(hello(3.7), clockAt(3.7));
  assert.deepEqual(told.show(2.8), { dots: [], workers: {} });
});

test('a page that was hidden for a while shows what happens now, and nothing of what has passed', () => {
  const told = new ToldReplay();
  let dot = 0;
  for (let now = 2; now < 60; now += 0.2) {
    const requests = Array.from({ length: 100 }, () => {
      dot++;
      return { dot, sentAt: now - 0.4, begunAt: now - 0.35, endedAt: now - 0.3 };
    });
    told.tell(now, requests, requests);
  }
  const { dots } = told.show(59);
  // Those on their way, with a worker or returning: 500 a second for up to 0.9 s.
  assert.ok(dots.length > 100 && dots.length < 500, `${dots.length} dots`);
  assert.ok(dots.every(({ sentAt }) => sentAt > START + 58));
});

test('a request that is never answered is given up after a minute', () => {
  const told = new ToldReplay();
  told.tell(2, [{ dot: 1, sentAt: 2 }]);
  told.tell(62, []);
  assert.equal(told.show(62).dots.length, 1);
  told.tell(63.1, []);
  assert.equal(told.show(63).dots.length, 0);
});

test('the message with the shortest delay tells the difference between the clocks', () => {
  const told = new ToldReplay();
  told.replay.hello(hello(0), clockAt(0.3));
  [0.08, 0.012, 0.05].forEach((delay, index) => {
    const now = 2 + index * 0.2;
    told.replay.frame({ now: START + now, arrivals: [], completions: [] }, clockAt(now + delay));
  });
  const request = { dot: 1, sentAt: 3.5 };
  told.tell(3.6, [request]);
  const age = told.replay.at(clockAt(5)).dots[0]?.age ?? 0;
  assert.ok(Math.abs(age - (5 - 1 - 3.5)) < 1e-6, `${age} s`);
});

/** Requests of which one a millisecond was sent to a deployment from 2 s on. */
const sent = (id: 'sync' | 'hybrid', count: number): ToldRequest[] =>
  Array.from({ length: count }, (_, index) => ({ dot: index + 1, id, sentAt: 2 + index / 1000 }));

/** Until 6 s the workers of a deployment are seen to hold this many requests, whose ends are not known. */
function holdRequests(told: ToldReplay, id: 'sync' | 'hybrid', held: readonly number[]): void {
  for (let now = 2.2; now < 6; now += 0.2) {
    told.tell(now, [], [], { [id]: held.map(inProgress => seen({ inProgress, connectionsInUse: 1 })) });
    told.show(now - 1);
  }
}

const holdings = [
  ['event loops hold as many as they count, those that waited longest', 'hybrid', 10, [3, 4], 1, [3, 4], 7],
  ['a blocking worker has one, and the others wait on', 'sync', 5, [1], 1, [1], 1],
  ['of dots that stand for four requests each, as many as stand for those held', 'hybrid', 10, [21], 4, [5], 5],
] as const;
for (const [words, id, count, held, requestsPerDot, expected, last] of holdings) {
  test(`requests that take longer than the replay’s delay are with workers: ${words}`, () => {
    const told = new ToldReplay();
    told.replay.requestsPerDot = requestsPerDot;
    told.tell(2.1, sent(id, count));
    holdRequests(told, id, held);
    const { dots } = told.show(5);
    assert.deepEqual(
      expected.map((_, worker) => dots.filter(dot => dot.worker === worker).length),
      expected,
    );
    for (const { number, phase } of dots) assert.equal(phase, number <= last ? 'database' : 'waiting', `${number}`);
  });
}

test('a worker that holds no more than is known to be with it gets no others', () => {
  const told = new ToldReplay();
  const known = Array.from({ length: 40 }, (_, index) => {
    const begunAt = 2 + index * 0.1;
    return { dot: 100 + index, sentAt: begunAt, begunAt, endedAt: begunAt + 0.1 };
  });
  told.tell(2.1, [...sent('sync', 3), ...known], known);
  holdRequests(told, 'sync', [1]);
  assert.ok(told.show(4.85).dots.every(({ number, worker }) => number >= 100 || worker === -1));
});

test('a dot that was held goes over to its own worker when its end becomes known, and returns from there', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, id: 'hybrid', sentAt: 2 };
  told.tell(2.1, [request]);
  holdRequests(told, 'hybrid', [1, 0]);
  told.tell(6.3, [], [{ ...request, worker: 1, begunAt: 2, databaseWait: 4, endedAt: 6 }]);
  assert.deepEqual([told.see(1, 5.9)?.phase, told.see(1, 5.9)?.worker], ['database', 1]);
  assert.equal(told.see(1, 6.1)?.phase, 'returning');
});
