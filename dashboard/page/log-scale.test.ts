import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logScale, logScaleOfTenths } from './log-scale.ts';

test('the scale of arrival rates begins at 5/s and ends at 1,000/s', () => {
  const { values } = logScale(5, 1000);
  assert.equal(values[0], 5);
  assert.equal(values.at(-1), 1000);
});

test('every step is another whole number, at most 20 % above the one before', () => {
  const { values } = logScale(5, 1000);
  for (const [place, value] of values.slice(1).entries()) {
    const before = values[place] ?? 0;
    assert.ok(Number.isInteger(value) && value > before, `${before} is followed by ${value}`);
    assert.ok(value / before <= 1.2, `${before} is followed by ${value}`);
  }
});

test('from 20/s on the same distance on the slider is about the same ratio', () => {
  const { placeOf } = logScale(5, 1000);
  const decade = placeOf(400) - placeOf(40);
  const next = placeOf(1000) - placeOf(100);
  assert.ok(Math.abs(decade - next) <= 3, `${decade} and ${next} steps`);
});

test('each value of the scale comes back from its place', () => {
  const { values, placeOf, valueAt } = logScale(5, 1000);
  assert.deepEqual(
    values.map(value => valueAt(placeOf(value))),
    values,
  );
});

test('a value that is not on the scale lies at its nearest neighbour', () => {
  const scale = logScale(5, 1000);
  assert.equal(scale.valueAt(scale.placeOf(537)), 530);
  assert.equal(scale.valueAt(scale.placeOf(2)), 5);
  assert.equal(scale.valueAt(scale.placeOf(5000)), 1000);
});

test('a place outside of the slider is its nearer end', () => {
  const { valueAt } = logScale(1, 500);
  assert.equal(valueAt(-3), 1);
  assert.equal(valueAt(10_000), 500);
});

test('a scale of tenths goes from 0.1 through 1 to 10, and finds each of its values again', () => {
  const { values, placeOf, valueAt } = logScaleOfTenths(0.1, 10);
  assert.deepEqual(values.slice(0, 12), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2]);
  assert.equal(values.at(-1), 10);
  for (const [place, value] of values.entries()) {
    assert.equal(placeOf(value), place, `${value}`);
    assert.equal(valueAt(place), value);
  }
});
