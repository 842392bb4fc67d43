import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAnswer, wrongSentence } from './check-answer.ts';
import type { RightAnswer } from './exercise.ts';
import { type AnswerUnit, inUnit, readAnswer } from './quantity.ts';

const answer = (value: number, tolerance = 0.01, mistakes: RightAnswer['mistakes'] = []): RightAnswer => ({
  ...{ value, tolerance, mistakes },
  ...{ steps: [], models: [] },
});

/** What is said of a given answer. */
function said(given: number, right: RightAnswer, unit: AnswerUnit): string {
  const checked = checkAnswer(given, right, unit);
  return checked.right ? 'right' : wrongSentence(given, checked, unit);
}

for (const [name, given, expected] of [
  ['exactly', 0.4, 'right'],
  ['rounded', 0.403, 'right'],
  ['for milliseconds', 400, '400 s is too high. Look at the units: seconds and milliseconds, or MB and GB?'],
  ['the wrong way round', 2.5, '2.5 s is too high. It seems to be upside down: 1 ÷ the answer.'],
  ['for minutes', 0.4 / 60, '6.67 ms is too low. Look at the units: seconds and minutes?'],
  ['nearly', 0.38, '380 ms is too low. It is close: round later, and read again what is asked.'],
  ['by a known mistake', 1, '1 s is too high. That is for a single worker.'],
  ['at random', 17, '17 s is too high.'],
  ['with nothing', 0, '0 µs is too low.'],
] as const) {
  test(`a time that is answered ${name} is told so`, () => {
    assert.equal(said(given, answer(0.4, 0.01, [{ value: 1, hint: 'That is for a single worker.' }]), 's'), expected);
  });
}

for (const [name, given, expected] of [
  ['exactly', 13, 'right'],
  ['one short', 12, '12 workers are too few. It is close: round later, and read again what is asked.'],
  ['with a single one', 1, '1 worker is too few.'],
  ['with a part of one', 12.7, '12.7 workers are too few. There are whole workers only.'],
  ['with a part of a known mistake', 25.5, '25.5 workers are too many. There are whole workers only.'],
  ['far too large', 40, '40 workers are too many.'],
] as const) {
  test(`a number of workers that is answered ${name} is told so`, () => {
    assert.equal(said(given, answer(13, 0), 'workers'), expected);
  });
}

for (const [name, given, expected] of [
  ['by the least', 22, 'right'],
  ['by the most', 26, 'right'],
  ['between two', 23, '23 connections are not right. That is no whole number for each loop.'],
  ['below the least', 21, '21 connections are too few. It is close: round later, and read again what is asked.'],
  ['above the most', 28, '28 connections are too many.'],
] as const) {
  test(`where several numbers are right, one that is answered ${name} is told so`, () => {
    const mistakes = [{ value: 23, hint: 'That is no whole number for each loop.' }];
    assert.equal(said(given, { ...answer(22, 0, mistakes), accepted: [22, 24, 26] }, 'connections'), expected);
  });
}

for (const [text, unit, value] of [
  ['17', 's', 17],
  ['250ms', 's', 0.25],
  ['0.25 s', 's', 0.25],
  ['5min', 's', 300],
  ['17', '/s', 17],
  ['17/s', '/s', 17],
  ['1,200/s', '/s', 1200],
  ['12,345,678.5', '/s', 12_345_678.5],
  ['.5', 's', 0.5],
  ['.5ms', 's', 0.0005],
  ['+3', 'workers', 3],
  ['1020/min', '/s', 17],
  ['1.2GB', 'B', 1.2e9],
  ['1GiB', 'B', 1_073_741_824],
  ['1.6e9', 'B', 1.6e9],
  ['2.07x', 'times', 2.07],
  ['13 workers', 'workers', 13],
  ['1 connection', 'connections', 1],
] as const) {
  test(`${text} is ${value} where ${inUnit(1, unit)} is asked for`, () => {
    const read = readAnswer(text, unit);
    assert.ok('value' in read, JSON.stringify(read));
    assert.ok(Math.abs(read.value - value) <= 1e-12 * value, `${read.value}`);
  });
}

for (const [text, unit, refused] of [
  ['17/s', 's', '--answer is "17/s"; this one is a time, such as 250ms'],
  ['250ms', '/s', '--answer is "250ms"; this one is a number per second, such as 17/s'],
  ['17ms', 'B', '--answer is "17ms"; this one is an amount of memory, such as 1.2GB'],
  ['13 machines', 'workers', '--answer is "13 machines"; this one is a number of workers, such as 17'],
  ['2/s', 'times', '--answer is "2/s"; this one is how many times as much, such as 2.5'],
  ['-3', 'workers', '--answer is "-3"; an answer is 0 or more, such as 17'],
  ['-250ms', 's', '--answer is "-250ms"; an answer is 0 or more, such as 250ms'],
  ['1e400', 'B', '--answer is "1e400"; an answer is less than a million billion, such as 1.2GB'],
  ['1,20', '/s', '--answer is "1,20"; it is a number, such as 17/s'],
  ['.', 's', '--answer is "."; it is a number, such as 250ms'],
  ['', 's', '--answer is ""; it is a number, such as 250ms'],
  ['NaN', 's', '--answer is "NaN"; it is a number, such as 250ms'],
  ['17 constructor', 'times', '--answer is "17 constructor"; this one is how many times as much, such as 2.5'],
] as const) {
  test(`"${text}" is refused where ${inUnit(1, unit)} is asked for`, () => {
    assert.deepEqual(readAnswer(text, unit), { refused });
  });
}
