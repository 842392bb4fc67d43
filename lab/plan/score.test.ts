import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scored, summaryOf } from './score.ts';

const around = (estimate: number, factor: number) => ({ estimate, low: estimate / factor, high: estimate * factor });
const near = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < 1e-9, `${value}`);

test('an error is of what was measured, and keeps its sign', () => {
  near(scored('a', 'capacity', around(110, 1), around(100, 1)).error, 0.1);
  near(scored('a', 'capacity', around(80, 1), around(100, 1)).error, -0.2);
});

test('without intervals all of an error lies beyond them; with wide ones nothing does', () => {
  near(scored('a', 'p99', around(110, 1), around(100, 1)).beyond, 0.1);
  near(scored('a', 'p99', around(80, 1), around(100, 1)).beyond, 0.25);
  near(scored('a', 'p99', around(110, 1.2), around(100, 1)).beyond, 0);
});

test('widths add up as those of independent errors, each on the side on which the two could meet', () => {
  const [predicted, measured] = [around(150, 1.1), around(100, 1.2)];
  const width = Math.hypot(Math.log(1.1), Math.log(1.2));
  near(scored('a', 'capacity', predicted, measured).beyond, Math.expm1(Math.log(1.5) - width));
  // What lies on the other side says nothing.
  const lopsided = { estimate: 150, low: 150, high: 1e6 };
  near(scored('a', 'capacity', lopsided, around(100, 1)).beyond, 0.5);
});

test('a summary has the median and the most of each kind of figure, without signs', () => {
  const figures = [-0.3, 0.1, 0.2].map(error => scored('a', 'capacity', around(100 * (1 + error), 1), around(100, 1)));
  const [capacity, p99] = summaryOf([...figures, scored('a', 'p99', around(2, 1), around(1, 1))]);
  assert.equal(capacity?.predictions, 3);
  near(capacity?.plain.median ?? 0, 0.2);
  near(capacity?.plain.most ?? 0, 0.3);
  near(p99?.plain.most ?? 0, 1);
  assert.deepEqual(summaryOf([]), []);
});
