import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Dots, type LoggedEnd } from './dots.ts';

const end: LoggedEnd = { worker: 1, endedAt: 100.05, status: 200, app: 0.03, databaseWait: 0.02 };
const completed = [7, 1, 100.02, 0.02, 100.05, 200];

let dots: Dots;
beforeEach(() => {
  dots = new Dots();
});

test('an arrival is told when k6 reports it, and its completion when nginx has logged it, once', () => {
  dots.sent('hybrid', 7, 100, 100.2);
  assert.deepEqual(dots.take(100.2), { arrivals: [['hybrid', 7, 100]], completions: [] });
  dots.logged(7, end, 100.3);
  dots.ended(7, 100.051, undefined, 100.4);
  assert.deepEqual(dots.take(100.4), { arrivals: [], completions: [completed] });
  dots.sent('hybrid', 8, 100, 100.4);
  dots.ended(8, 100.051, undefined, 100.4);
  dots.logged(8, end, 101);
  assert.equal(dots.take(101.2).completions.length, 1);
  assert.deepEqual(dots.take(104), { arrivals: [], completions: [] });
});

test('a completion that is known first waits for its arrival', () => {
  dots.logged(7, end, 100.1);
  assert.deepEqual(dots.take(100.2), { arrivals: [], completions: [] });
  dots.sent('hybrid', 7, 100, 100.25);
  assert.deepEqual(dots.take(100.4), { arrivals: [['hybrid', 7, 100]], completions: [completed] });
});

test('a request begins no earlier than it was sent, whatever the clocks say', () => {
  dots.sent('hybrid', 7, 100.021, 100.2);
  dots.logged(7, { ...end, app: 0.035, databaseWait: 0.034 }, 100.3);
  assert.deepEqual(dots.take(100.4).completions, [[7, 1, 100.021, 0.029, 100.05, 200]]);
});

test('what no worker answered, and what nginx does not log for 2 s, has no worker', () => {
  dots.sent('hybrid', 1, 100, 100.2);
  dots.logged(1, { worker: undefined, endedAt: 100.05, status: 502, app: 0, databaseWait: 0 }, 100.2);
  const ends = [undefined, 'timeout', 'connection', 'status-4xx', 'status-503', 'status-504', 'status-5xx'] as const;
  for (const [index, error] of ends.entries()) {
    dots.sent('sync', index + 2, 100, 100.2);
    dots.ended(index + 2, 100.1, error, 100.2);
  }
  dots.ended(9, 100, 'timeout', 100.2);
  assert.deepEqual(dots.take(102.2).completions, [[1, -1, 100.05, 0, 100.05, 502]]);
  const told = dots.take(102.3).completions;
  assert.deepEqual(told[0], [2, -1, 100.1, 0, 100.1, 200]);
  assert.deepEqual(
    told.map(([dot, , , , , status]) => [dot, status]),
    [
      [2, 200],
      [3, 0],
      [4, 0],
      [5, 400],
      [6, 503],
      [7, 504],
      [8, 500],
    ],
  );
  assert.deepEqual(dots.take(110), { arrivals: [], completions: [] });
});

test('what is older than 60 s is forgotten', () => {
  dots.sent('hybrid', 7, 100, 100);
  dots.logged(8, end, 100);
  dots.take(160.1);
  dots.logged(7, end, 160.2);
  dots.sent('hybrid', 8, 100, 160.2);
  assert.deepEqual(dots.take(160.3), { arrivals: [['hybrid', 8, 100]], completions: [] });
});

test('when k6 starts again, what it had in progress ended without an answer', () => {
  dots.sent('hybrid', 7, 100, 100);
  dots.sent('hybrid', 8, 100, 100);
  dots.logged(8, end, 100.1);
  dots.ended(9, 100.1, undefined, 100.1);
  dots.take(100.2);
  dots.restart(105);
  assert.deepEqual(dots.take(105.1).completions, [[7, -1, 105, 0, 105, 0]]);
  dots.logged(7, end, 106.2);
  assert.deepEqual(dots.take(110), { arrivals: [], completions: [] });
});

test('no more than 20,000 dots are kept; the oldest go first', () => {
  for (let dot = 1; dot <= 30_000; dot++) dots.sent('hybrid', dot, 100, 100);
  for (const dot of [30_000, 10_001, 10_000]) dots.logged(dot, end, 100.1);
  assert.deepEqual(
    dots.take(100.2).completions.map(([dot]) => dot),
    [30_000, 10_001],
  );
});
