import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, listed, shownBytes, shownCount, shownFraction, shownRate, shownTime } from './figures.ts';

test('a figure has three digits that count, and its unit', () => {
  assert.equal(shownRate(86.4321), '86.4/s');
  assert.equal(shownRate(1312), '1,310/s');
  assert.equal(shownRate(0), '0/s');
  assert.equal(shownFraction(0.334), '33 %');
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
});

test('names are listed as a sentence lists them', () => {
  assert.equal(listed(['sync']), 'sync');
  assert.equal(listed(['sync', 'async', 'hybrid']), 'sync, async and hybrid');
});
