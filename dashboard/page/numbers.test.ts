import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOn, sliderScale } from './numbers.ts';

const scales: [lowest: number, highest: number, unit: number][] = [
  [5, 1000, 1],
  [1, 100_000, 1],
  [0.1, 10, 0.1],
  [0, 80, 1],
];
for (const [lowest, highest, unit] of scales) {
  test(`a slider from ${lowest} to ${highest} in steps of ${unit} reaches both ends, and finds each value again`, () => {
    const scale = sliderScale(lowest, highest, unit);
    assert.deepEqual([scale[0], scale.at(-1)], [lowest, highest]);
    for (const [place, value] of scale.entries()) {
      assert.equal(placeOn(scale, value), place, `${value}`);
      assert.equal(Number((value / unit).toFixed(6)) % 1, 0, `${value}`);
      const before = scale[place - 1] ?? lowest;
      assert.ok(place === 0 || (value > before && value <= Math.max(before + unit, before * 1.2) + 1e-9), `${value}`);
    }
  });
}

test('a value between two steps has the place of the nearer one', () => {
  const scale = sliderScale(5, 1000);
  assert.deepEqual(
    [537, 2, 5000].map(value => scale[placeOn(scale, value)]),
    [530, 5, 1000],
  );
});
