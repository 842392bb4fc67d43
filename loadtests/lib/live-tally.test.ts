import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, type Histogram, record } from '../../model/histogram.ts';
import { Bursts, DotNumbers, EveryNth, LiveReports, LiveTally } from './live-tally.ts';

const AT = 1_795_771_234;

test('counts are those since the load began, and all else is told once', () => {
  const tally = createTally();
  const slow = tally.sent(1, 1.125, AT);
  const quick = tally.sent(1, 1.125);
  tally.neverSent();
  tally.ended(quick, { fromSend: 0.25 }, 1.5, AT + 1, 5);
  const first = tally.take();
  assert.deepEqual(first, {
    name: 'hybrid',
    sent: 2,
    completed: 1,
    failed: 0,
    neverSent: 1,
    inProgress: 1,
    responseTime: buildHistogram([0.5]),
    scheduleLag: buildHistogram([0.25]),
    dots: [[100, AT]],
    endedDots: [],
  });
  tally.ended(slow, { fromSend: 1, error: 'status-503' }, 2.25, AT + 2, 5);
  assert.deepEqual(tally.take(), {
    ...first,
    completed: 2,
    failed: 1,
    inProgress: 0,
    responseTime: buildHistogram([1.25]),
    scheduleLag: buildHistogram([0.25]),
    dots: [],
    endedDots: [[100, AT + 2, 'status-503']],
  });
  const nothing = tally.take();
  assert.deepEqual([nothing.completed, nothing.responseTime.count, nothing.endedDots.length], [2, 0, 0]);
});

test('what was never answered counts as the time limit', () => {
  const tally = createTally();
  tally.ended(tally.sent(1, 1.125, AT), { error: 'timeout' }, 6.25, AT, 5);
  tally.ended(tally.sent(2, 2.125, AT), { error: 'connection' }, 2.25, AT, 5);
  const { responseTime, scheduleLag, failed, endedDots } = tally.take();
  assert.deepEqual(responseTime, buildHistogram([5, 5]));
  assert.deepEqual(scheduleLag, buildHistogram([0.125, 0.125]));
  assert.equal(failed, 2);
  assert.deepEqual(
    endedDots.map(([, , error]) => error),
    ['timeout', 'connection'],
  );
});

test('a request that found no connection failed and was never sent, and what was told as sent stays', () => {
  const tally = createTally();
  const request = tally.sent(1, 1, AT);
  assert.equal(tally.take().sent, 1);
  tally.ended(request, { error: 'not-sent' }, 1.25, AT + 1, 5);
  const { sent, completed, failed, neverSent, inProgress, responseTime, endedDots } = tally.take();
  assert.deepEqual([sent, completed, failed, neverSent, inProgress], [1, 1, 1, 1, 0]);
  assert.deepEqual(responseTime, buildHistogram([5]));
  assert.deepEqual(endedDots, [[100, AT + 1, 'connection']]);
});

test('another objective is the edge of the part after the one that was begun', () => {
  const tally = createTally();
  tally.ended(tally.sent(1, 1), { fromSend: 0.125 }, 1.125, AT, 5);
  tally.objective = 0.1;
  tally.ended(tally.sent(2, 2), { fromSend: 0.125 }, 2.125, AT, 5);
  assert.deepEqual(tally.take().responseTime, buildHistogram([0.125, 0.125]));
  tally.ended(tally.sent(3, 3), { fromSend: 0.125 }, 3.125, AT, 5);
  assert.deepEqual(tally.take().responseTime, buildHistogram([0.125], 0.1));
});

test('requests over the objective are those that failed, were late, wait for longer or were never sent', () => {
  const tally = createTally();
  tally.sent(1, 1);
  tally.ended(tally.sent(1, 1), { fromSend: 0.25 }, 1.25, AT, 5);
  tally.ended(tally.sent(1, 1), { fromSend: 0.375 }, 1.375, AT, 5);
  tally.ended(tally.sent(1, 1), { fromSend: 0.125, error: 'status-5xx' }, 1.125, AT, 5);
  tally.neverSent();
  assert.equal(tally.overObjectiveAt(1.25), 3);
  assert.equal(tally.overObjectiveAt(1.26), 4);
});

test('no more dots are made than may wait to be told', () => {
  const tally = createTally();
  const dots = Array.from({ length: 2500 }, () => tally.sent(1, 1, AT).dot);
  assert.equal(dots.filter(dot => dot !== undefined).length, 2000);
  assert.equal(tally.take().dots.length, 2000);
  assert.equal(tally.sent(2, 2, AT).dot, 2100);
});

/** Its first dot is number 100. */
function createTally(): LiveTally {
  let next = 100;
  return new LiveTally('hybrid', 0.25, () => next++);
}

function buildHistogram(times: readonly number[], objective = 0.25): Histogram {
  const histogram = emptyHistogram(objective);
  for (const time of times) record(histogram, time);
  return histogram;
}

const origin = { source: 1, started: 1_795_771_234.5 };

test('a report that was not answered is told again as it was, and what is new comes in the next', () => {
  const reports = new LiveReports(origin);
  const tally = new LiveTally('hybrid', 0.25, () => 7);
  tally.sent(1, 1, 100);
  const first = structuredClone(reports.next(1, 3, [tally]));
  assert.deepEqual([first.number, first.time, first.obeys, first.targets[0]?.dots], [1, 1, 3, [[7, 100]]]);

  tally.sent(1.25, 1.25, 101);
  assert.deepEqual(reports.next(1.5, 4, [tally]), first);
  assert.deepEqual(reports.next(1.75, 4, [tally]), first);
  reports.answered();
  const second = reports.next(2, 4, [tally]);
  assert.deepEqual([second.number, second.time, second.obeys, second.targets[0]?.dots], [2, 2, 4, [[7, 101]]]);
});

test('a report adds up its targets', () => {
  const reports = new LiveReports(origin);
  const [one, other] = ['sync', 'hybrid'].map(name => new LiveTally(name, 0.25, () => 1)) as [LiveTally, LiveTally];
  one.ended(one.sent(1, 1), { fromSend: 0.5 }, 1.5, 100, 5);
  one.sent(1, 1);
  other.ended(other.sent(1, 1), { fromSend: 0.125, error: 'status-503' }, 1.125, 100, 5);
  const { targets, ...sums } = reports.next(2, 1, [one, other]);
  assert.deepEqual(sums, {
    ...origin,
    number: 1,
    time: 2,
    obeys: 1,
    sent: 3,
    completed: 2,
    inProgress: 1,
    failed: 1,
    overObjective: 3,
  });
  assert.deepEqual(
    targets.map(({ name, sent }) => [name, sent]),
    [
      ['sync', 2],
      ['hybrid', 1],
    ],
  );
});

test('a burst is due once, however long it is named', () => {
  const bursts = new Bursts();
  const due = [[], [1], [1, 2], [2, 1], [4, 3, 2], [4], [], [5]].map(numbers => bursts.due(named(numbers)));
  assert.deepEqual(
    due.map(some => some.map(({ number }) => number)),
    [[], [1], [2], [], [3, 4], [], [], [5]],
  );
});

test('what the first orders name is due: it was asked for while there was no generator', () => {
  const bursts = new Bursts();
  assert.deepEqual(bursts.due(named([6, 7])), named([6, 7]));
  assert.deepEqual(bursts.due(named([6, 7])), []);
});

function named(numbers: readonly number[]) {
  return numbers.map(number => ({ number, target: 'hybrid', requests: 5 }));
}

test('every n-th is picked, the first one included', () => {
  const nth = new EveryNth();
  const picked = Array.from({ length: 10 }, () => nth.picks(4));
  assert.deepEqual(
    picked.flatMap((isPicked, index) => (isPicked ? [index] : [])),
    [0, 4, 8],
  );
});

test('another n holds from the next one on', () => {
  const nth = new EveryNth();
  const picked = [100, 100, 100, 1, 1, 2, 2, 2].map(n => nth.picks(n));
  assert.deepEqual(picked, [true, false, false, true, true, false, true, false]);
});

test('dots have whole numbers that no later start uses again', () => {
  const [first, later] = [new DotNumbers(1_795_771_234.567), new DotNumbers(1_795_771_234.568)];
  const numbers = Array.from({ length: 1000 }, () => first.take());
  assert.equal(numbers[0], 1_795_771_234_567_000);
  assert.equal(new Set(numbers).size, 1000);
  assert.equal(later.take(), (numbers.at(-1) ?? 0) + 1);
  assert.ok(numbers.every(Number.isSafeInteger));
});
