import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerUnit, checkAnswer, inUnit, type RightAnswer, readAnswer, wrongSentence } from './answer.ts';

const time: RightAnswer = { value: 0.4, tolerance: 0.01, mistakes: [{ value: 1, hint: 'One worker.' }] };
const workers: RightAnswer = { value: 13, tolerance: 0, mistakes: [] };
const connections: RightAnswer = {
  ...{ value: 22, tolerance: 0, accepted: [22, 24, 26] },
  mistakes: [{ value: 23, hint: 'Uneven.' }],
};

for (const [given, unit, right, expected] of [
  [0.4, 's', time, 'right'],
  [0.403, 's', time, 'right'],
  [400, 's', time, '400 s is too high. Look at the units: seconds and milliseconds, or MB and GB?'],
  [0.4 / 60, 's', time, '6.67 ms is too low. Look at the units: seconds and minutes?'],
  [2.5, 's', time, '2.5 s is too high. It seems to be upside down: 1 ÷ the answer.'],
  [0.38, 's', time, '380 ms is too low. It is close: round later, and read again what is asked.'],
  [1, 's', time, '1 s is too high. One worker.'],
  [17, 's', time, '17 s is too high.'],
  [0, 's', time, '0 µs is too low.'],
  [13, 'workers', workers, 'right'],
  [12, 'workers', workers, '12 workers are too few. It is close: round later, and read again what is asked.'],
  [1, 'workers', workers, '1 worker is too few.'],
  [12.7, 'workers', workers, '12.7 workers are too few. There are whole workers only.'],
  [40, 'workers', workers, '40 workers are too many.'],
  [26, 'connections', connections, 'right'],
  [23, 'connections', connections, '23 connections are not right. Uneven.'],
  [28, 'connections', connections, '28 connections are too many.'],
] as const) {
  test(`the answer ${inUnit(given, unit)} to ${inUnit(right.value, unit)} gets: ${expected}`, () => {
    const checked = checkAnswer(given, right, unit);
    assert.equal(checked.right ? 'right' : wrongSentence(given, checked, unit), expected);
  });
}

test('an answer is read with its unit or without, and refused in another unit', () => {
  const cases: [text: string, unit: AnswerUnit, value: number | undefined][] = [
    ['17', 's', 17],
    ['250ms', 's', 0.25],
    ['.5ms', 's', 0.0005],
    ['5min', 's', 300],
    ['1,200/s', '/s', 1200],
    ['1020/min', '/s', 17],
    ['1.2GB', 'B', 1.2e9],
    ['1GiB', 'B', 1_073_741_824],
    ['2.07x', 'times', 2.07],
    ['+3', 'workers', 3],
    ['13 workers', 'workers', 13],
    ['1 connection', 'connections', 1],
    ['17/s', 's', undefined],
    ['17ms', 'B', undefined],
    ['13 machines', 'workers', undefined],
    ['-250ms', 's', undefined],
    ['1e400', 'B', undefined],
    ['1,20', '/s', undefined],
    ['', 's', undefined],
    ['NaN', 's', undefined],
    ['17 constructor', 'times', undefined],
  ];
  for (const [text, unit, value] of cases) {
    const read = readAnswer(text, unit);
    if (value === undefined) assert.ok('refused' in read, text);
    else assert.ok('value' in read && Math.abs(read.value - value) <= 1e-12 * value, text);
  }
});
