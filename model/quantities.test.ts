import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  counted,
  durationText,
  memoryText,
  milliseconds,
  parseDuration,
  parseFactor,
  parseMemory,
  parseNumber,
  parsePercent,
  parseRate,
  percent,
  percentageText,
  percentTo,
  quantileName,
  rounded,
  shownBytes,
  shownCount,
  shownNumber,
  shownRate,
  shownTime,
  signedPercent,
  waitingTime,
  wholePercent,
  withInterval,
  writeMemory,
} from './quantities.ts';

type Parse = (text: string) => number | undefined;
const parseDockerMemory: Parse = text => parseMemory(text, 1024);

const cases: [what: string, parse: Parse, accepted: Record<string, number>, refused: string[]][] = [
  [
    'a number',
    parseNumber,
    { 300: 300, '1.5': 1.5, '1.': 1, '.5': 0.5, '1,200': 1200, '12,345,678.5': 12_345_678.5, '1.6e9': 1.6e9 },
    ['', '.', '1,20', '1,2000', '-1', '+1', '1 2', '0x10', 'NaN', 'Infinity', '10s', '5%', '2x', ' 1'],
  ],
  [
    'a duration in seconds',
    parseDuration,
    {
      ...{
        '250ms': 0.25,
        '90s': 90,
        '10m': 600,
        '1.5h': 5400,
        '0.1s': 0.1,
        '1100ms': 1.1,
        '300us': 3e-4,
        '300µs': 3e-4,
      },
      ...{ '10 m': 600, '10min': 600, '3 min': 180, '10 minutes': 600, '2 seconds': 2, '1sec': 1, '.5ms': 0.0005 },
      ...{ '0s': 0, '250MS': 0.25 },
    },
    ['10', 'm', '-1s', '1m30s', '', '10/s', '10MB', '1d', '2 constructor'],
  ],
  [
    'a rate per second',
    parseRate,
    { '17/s': 17, '1,200/s': 1200, '5/sec': 5, '5/second': 5, '1020/min': 17, '7200/h': 2 },
    ['17', '17s', '/s', '-17/s', '17/'],
  ],
  [
    'a percentage as a fraction',
    parsePercent,
    { '2%': 0.02, '0.5%': 0.005, '7 %': 0.07, '0.7%': 0.007, '150%': 1.5, '0%': 0 },
    ['0.05', '5', '%', '-5%', '5%%', '5x'],
  ],
  [
    'a factor',
    parseFactor,
    { '2x': 2, '0.5x': 0.5, '2X': 2, '2.5×': 2.5, '3 times': 3 },
    ['2', 'x', '-2x', '2%', 'x2'],
  ],
  [
    'memory in bytes',
    parseMemory,
    {
      ...{ '800MB': 8e8, '1.5GB': 1.5e9, '4G': 4e9, '512mb': 512e6, '512m': 512e6, '4.1GB': 4.1e9, '1TB': 1e12 },
      ...{
        '4GiB': 4 * 1024 ** 3,
        '4Gi': 4 * 1024 ** 3,
        '2 KiB': 2048,
        '16TiB': 16 * 1024 ** 4,
        '12B': 12,
        '3kb': 3000,
      },
    },
    ['4', '', 'GB', '-1GB', '4iB', '4GBB', '250ms', '1PB'],
  ],
  [
    'memory in bytes as Docker has it',
    parseDockerMemory,
    { '512m': 512 * 1024 ** 2, '512mb': 512 * 1024 ** 2, '1.5g': 1.5 * 1024 ** 3, '2GiB': 2 * 1024 ** 3, '7b': 7 },
    ['512', 'much', '-1g'],
  ],
];
for (const [what, parse, accepted, refused] of cases) {
  for (const [text, value] of Object.entries(accepted)) {
    test(`${text} is ${what}: ${value}`, () => assert.equal(parse(text), value));
  }
  for (const text of refused) test(`"${text}" is not ${what}`, () => assert.equal(parse(text), undefined));
}

const thousandths = fc.integer({ min: 0, max: 1e9 });
const laws: [law: string, parse: Parse, write: (thousandth: number) => string][] = [
  ['a number', parseNumber, n => `${n / 1000}`],
  ['a number with separators', parseNumber, n => (n / 1000).toLocaleString('en-US', { maximumFractionDigits: 3 })],
  ['seconds', parseDuration, n => `${n / 1000}s`],
  ['milliseconds', parseDuration, n => `${n}ms`],
  ['a rate', parseRate, n => `${n / 1000}/s`],
  ['a percentage', parsePercent, n => `${n / 10}%`],
  ['a factor', parseFactor, n => `${n / 1000}x`],
];
for (const [law, parse, write] of laws) {
  test(`${law} is read as it was written, to the last digit`, () => {
    fc.assert(fc.property(thousandths, n => assert.equal(parse(write(n)), n / 1000, write(n))));
  });
}

test('whole bytes are read as they were written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), bytes => assert.equal(parseMemory(writeMemory(bytes)), bytes)),
  );
});

const spellings: [spelling: RegExp, parse: Parse, refused: string[]][] = [
  [durationText, parseDuration, ['10', '10 m', '10min', '10 minutes', '-1s', '']],
  [percentageText, parsePercent, ['0.05', '5', '5 %', '']],
  [memoryText, parseMemory, ['512m', '4G', '4GiB', '800mb', '800', '']],
];
for (const [spelling, parse, refused] of spellings) {
  test(`whatever an experiment file may spell as ${spelling.source} is parsed`, () => {
    fc.assert(fc.property(fc.stringMatching(spelling), text => assert.ok(Number.isFinite(parse(text)), text)));
    for (const text of refused) assert.doesNotMatch(text, spelling);
  });
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
  assert.deepEqual([0.984, 0.996, 1, 1.2, 0.0051, 5e-17, 0].map(percent), [
    '98 %',
    '99.9 %',
    '100 %',
    '100 %',
    '0.51 %',
    'under 0.01 %',
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
