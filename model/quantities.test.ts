import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  counted,
  milliseconds,
  percent,
  percentTo,
  quantileName,
  rounded,
  secondsOf,
  shownBytes,
  shownCount,
  shownNumber,
  shownRate,
  shownTime,
  signedPercent,
  waitingTime,
  wholePercent,
  withInterval,
} from './quantities.ts';

const cases: [duration: number | string, seconds: number][] = [
  [300, 300],
  ['250ms', 0.25],
  ['90s', 90],
  ['10m', 600],
  ['1.5h', 5400],
  ['0.1s', 0.1],
];
for (const [duration, seconds] of cases) {
  test(`${duration} is ${seconds} seconds`, () => assert.equal(secondsOf(duration), seconds));
}

for (const text of ['10', '10 m', 'm', '10min', '-1s', '1m30s', '']) {
  test(`"${text}" is no duration`, () => assert.equal(secondsOf(text), Number.NaN));
}

test('a figure has three digits that count, and its unit', () => {
  assert.equal(shownRate(86.4321), '86.4/s');
  assert.equal(shownRate(1312), '1,310/s');
  assert.equal(shownRate(0), '0/s');
  assert.equal(wholePercent(0.334), '33 %');
  assert.equal(shownCount(1204.4), '1,204');
});

test('a time is in milliseconds below a second, and in seconds from there on', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [0.0002, '<1 ms'],
    [0.0211, '21.1 ms'],
    [0.25, '250 ms'],
    [0.9994, '999 ms'],
    [0.9996, '1 s'],
    [1.254, '1.25 s'],
    [12.34, '12.3 s'],
  ];
  for (const [seconds, shown] of cases) assert.equal(shownTime(seconds), shown);
});

test('memory is in megabytes, and from a thousand of them on in gigabytes', () => {
  assert.equal(shownBytes(118_400_000), '118 MB');
  assert.equal(shownBytes(999_400_000), '999 MB');
  assert.equal(shownBytes(999_600_000), '1 GB');
  assert.equal(shownBytes(1_254_000_000), '1.25 GB');
});

test('one thing is named in the singular', () => {
  assert.equal(counted(1, 'worker'), '1 worker');
  assert.equal(counted(1000, 'request'), '1,000 requests');
  assert.equal(counted(0, 'request'), '0 requests');
  assert.equal(counted(2, 'process', 'processes'), '2 processes');
});

test('in tables numbers have no separator, and what is no number is a question mark', () => {
  assert.deepEqual([1312, 85.74, 0.02134, 1e21].map(rounded), ['1310', '85.7', '0.0213', '1000000000000000000000']);
  assert.equal(milliseconds(0.02134), '21.3');
  assert.equal(rounded(Number.NaN), '?');
  assert.equal(shownNumber(Number.POSITIVE_INFINITY), '?');
  assert.equal(withInterval({ estimate: 1.032, low: 0.9666, high: 1.1 }), '1.03 [0.967, 1.1]');
});

test('a part of something: all is only what is all', () => {
  assert.deepEqual([0.984, 0.996, 1, 1.2, 0.0051, 0].map(percent), [
    '98 %',
    '99.9 %',
    '100 %',
    '100 %',
    '0.51 %',
    '0 %',
  ]);
  assert.deepEqual([0.984, 0.996, 1.5].map(wholePercent), ['98 %', '100 %', '150 %']);
  assert.equal(percentTo(0.0361, 1), '3.6 %');
});

test('a difference has its sign', () => {
  assert.deepEqual([0.0361, -0.12, 0, 1.234].map(signedPercent), ['+3.6 %', '−12 %', '+0.0 %', '+123 %']);
});

test('quantiles and waiting times have the names that people use', () => {
  assert.deepEqual([0.5, 0.99, 0.999].map(quantileName), ['p50', 'p99', 'p99.9']);
  assert.deepEqual([40.2, 180].map(waitingTime), ['40 s', '3 min']);
});
