import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrationSummary } from './summary.ts';
import { accuracyAt, calibrationWith } from './testdata/calibrations.ts';

test('a calibration is told in a few lines', () => {
  assert.deepEqual(calibrationSummary(calibrationWith()), {
    date: '2026-01-02T03:04:05.000Z',
    'k6 adds': '0.2 ms (p99 0.5 ms, CPU 0.4 ms) at 500/s',
    'nginx adds': '0.15 ms (p99 0 ms, CPU 0.1 ms) at 500/s',
    noise: '2 % from trial to trial, 3 % from start to start (20 trials in 5 blocks)',
    'two equal deployments': '1.01 × [0.98, 1.04] (A/A)',
    'bars missed': 'none',
  });
});

test('a bar that was missed is told with what was found', () => {
  const told = calibrationSummary(calibrationWith({ accuracy: [accuracyAt('bare', 0.0004)] }));
  assert.equal(told['bars missed'], 'k6 adds at 500/s, p50: +0.4 ms');
});

test('where k6 and nginx were not calibrated nothing is told of them', () => {
  assert.equal(calibrationSummary(calibrationWith({ accuracy: [] }))['k6 adds'], undefined);
});
