import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dots, type LoggedEnd } from './dots.ts';

const end: LoggedEnd = { worker: 1, endedAt: 100.05, status: 200, app: 0.03, databaseWait: 0.02 };

test('an arrival is told as soon as k6 reports it, and its completion when nginx has logged it', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100, 100.2);
  assert.deepEqual(dots.take(100.2), { arrivals: [['hybrid', 7, 100]], completions: [] });
  dots.logged(7, end, 100.3);
  assert.deepEqual(dots.take(100.4), { arrivals: [], completions: [[7, 1, 100.02, 0.02, 100.05, 200]] });
  assert.deepEqual(dots.take(100.6), { arrivals: [], completions: [] });
});

test('a completion that is known first waits for its arrival', () => {
  const dots = new Dots();
  dots.logged(7, end, 100.1);
  assert.deepEqual(dots.take(100.2), { arrivals: [], completions: [] });
  dots.sent('hybrid', 7, 100, 100.25);
  assert.deepEqual(dots.take(100.4), {
    arrivals: [['hybrid', 7, 100]],
    completions: [[7, 1, 100.02, 0.02, 100.05, 200]],
  });
});

test('a request begins no earlier than it was sent, whatever the steps of the clocks', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100.021, 100.2);
  dots.logged(7, { ...end, app: 0.035, databaseWait: 0.034 }, 100.3);
  assert.deepEqual(dots.take(100.4).completions, [[7, 1, 100.021, 0.029, 100.05, 200]]);
});

test('an answer that came from no worker has none', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100, 100.2);
  dots.logged(7, { worker: undefined, endedAt: 100.05, status: 502, app: 0, databaseWait: 0 }, 100.3);
  assert.deepEqual(dots.take(100.4).completions, [[7, -1, 100.05, 0, 100.05, 502]]);
});

const failures = [
  ['timeout', 0],
  ['connection', 0],
  ['status-4xx', 400],
  ['status-503', 503],
  ['status-504', 504],
  ['status-5xx', 500],
  [undefined, 200],
] as const;

for (const [error, status] of failures) {
  test(`what nginx never logs is told 2 s later as k6 saw it: ${error ?? 'success'} as ${status}`, () => {
    const dots = new Dots();
    dots.sent('sync', 8, 100, 100.2);
    dots.ended(8, 100.1, error, 100.2);
    assert.deepEqual(dots.take(102.2).completions, []);
    assert.deepEqual(dots.take(102.3).completions, [[8, -1, 100.1, 0, 100.1, status]]);
    assert.deepEqual(dots.take(110).completions, []);
  });
}

test('what k6 and nginx both tell of is told once, in either order', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100, 100.2);
  dots.logged(7, end, 100.3);
  dots.ended(7, 100.051, undefined, 100.4);
  dots.sent('hybrid', 8, 100, 100.2);
  dots.ended(8, 100.051, undefined, 100.4);
  dots.logged(8, end, 101);
  assert.deepEqual(
    dots.take(101.2).completions.map(([dot, worker]) => [dot, worker]),
    [
      [7, 1],
      [8, 1],
    ],
  );
  assert.deepEqual(dots.take(103).completions, []);
});

test('the end of a dot that never set out is not told', () => {
  const dots = new Dots();
  dots.ended(7, 100, 'timeout', 100.1);
  assert.deepEqual(dots.take(103), { arrivals: [], completions: [] });
});

test('what is older than 60 s is forgotten', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100, 100);
  dots.logged(8, end, 100);
  dots.take(160.1);
  dots.logged(7, end, 160.2);
  dots.sent('hybrid', 8, 100, 160.2);
  assert.deepEqual(dots.take(160.3), { arrivals: [['hybrid', 8, 100]], completions: [] });
});

test('when the generator is started anew, what it had in progress ended without an answer', () => {
  const dots = new Dots();
  dots.sent('hybrid', 7, 100, 100);
  dots.sent('hybrid', 8, 100, 100);
  dots.logged(8, end, 100.1);
  dots.ended(9, 100.1, undefined, 100.1);
  dots.take(100.2);
  dots.restart(105);
  assert.deepEqual(dots.take(105.1).completions, [[7, -1, 105, 0, 105, 0]]);
  dots.logged(7, end, 106.2);
  assert.deepEqual(dots.take(110), { arrivals: [], completions: [] }, 'nginx logs it late');
});

test('no more than 20,000 dots are kept; the oldest go first', () => {
  const dots = new Dots();
  for (let dot = 1; dot <= 30_000; dot++) {
    dots.sent('hybrid', dot, 100, 100);
    if (dot % 1000 === 0) dots.take(100);
  }
  for (const dot of [30_000, 10_001, 10_000]) dots.logged(dot, end, 100.1);
  assert.deepEqual(
    dots.take(100.2).completions.map(([dot]) => dot),
    [30_000, 10_001],
  );
});

test('what nobody takes stays within 20,000 too', () => {
  const dots = new Dots();
  for (let dot = 1; dot <= 100_000; dot++) {
    dots.sent('hybrid', dot, 100, 100);
    dots.logged(dot, end, 100);
    dots.ended(dot, 100, undefined, 100);
  }
  const { arrivals, completions } = dots.take(100);
  assert.deepEqual([arrivals.length <= 20_000, arrivals.at(-1)?.[1]], [true, 100_000]);
  assert.deepEqual([completions.length <= 20_000, completions.at(-1)?.[0]], [true, 100_000]);
});
