import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { experimentWith } from '../search/testdata/cells.ts';
import { addedBy, judgeBars } from './bars.ts';
import type { Calibration } from './calibration.ts';
import {
  calibrated,
  deriveValidity,
  describeMachine,
  readCalibration,
  summarizeNoise,
  writeCalibration,
} from './calibration-file.ts';
import { calibrationSummary, calibrationTable } from './calibration-text.ts';

/** A calibration without a fault, on a quiet machine; `given` is what differs. */
function calibrationWith(given: Partial<Calibration> = {}): Calibration {
  return {
    ...{ schema: 1, date: '2026-01-02T03:04:05.000Z', runtime: 'local', seed: 7 },
    machine: { cpuModel: 'A CPU', cpus: 2, kernel: '6.1' },
    rest: { busy: 0.02, steal: 0 },
    accuracy: [accuracyAt('bare', 0.0002), accuracyAt('nginx', 0.00035)],
    ...{ arrivals: [arrivals], stall, noise },
    ...given,
  };
}

/** A load at 500/s by that way whose median is off by so many seconds. */
function accuracyAt(path: 'bare' | 'nginx', p50: number): Calibration['accuracy'][number] {
  return {
    ...{ path, arrivalRate: 500, scored: 3000 },
    truth: { mean: 0.01, p50: 0.008, p99: 0.032 },
    off: { mean: p50, p50, p99: 0.0005 },
    scheduleLag: { p50: 0.0006, p99: 0.002 },
    cpuPerRequest: { k6: 0.0004, nginx: path === 'nginx' ? 0.0001 : 0 },
  };
}

const arrivals = {
  ...{ arrivalRate: 500, due: 1500, sent: 1500, came: 1500 },
  cameTimes: { distance: 0.02, p: 0.3 },
  cameCounts: { index: 1.1, p: 0.5 },
};
const stall = { stopped: 1.4, due: 1600, sent: 1600, neverSent: 0, failed: 0, p50: 0.01, p99: 1.35 };
const noise = {
  ...{ betweenTrials: 0.02, betweenBlocks: 0.03, trials: 20, disturbed: 0, blocks: 5 },
  sameRatio: { estimate: 1.01, low: 0.98, high: 1.04 },
  sameRatioWide: { estimate: 1.01, low: 0.9, high: 1.13 },
  steal: { mean: 0.001, most: 0.002 },
  others: { mean: 0.08, most: 0.1 },
};

const wide = { estimate: 1.1, low: 1.01, high: 1.2 };
const nginxOff = [accuracyAt('bare', 0.0001), accuracyAt('nginx', 0.00041)];
const faults: [what: string, given: Partial<Calibration>, bar: RegExp | undefined][] = [
  ['a good instrument', {}, undefined],
  ['a busy machine', { rest: { busy: 0.2, steal: 0 } }, /quiet/],
  ['a machine that becomes busy', { noise: { ...noise, trials: 14, disturbed: 6 } }, /^and while/],
  ['a k6 that adds 0.31 ms', { accuracy: [accuracyAt('bare', 0.00031)] }, /^k6 adds at 500\/s, p50$/],
  ['a k6 that sees too little', { accuracy: [accuracyAt('bare', -0.00031)] }, /^k6 adds/],
  ['an nginx that adds 0.31 ms', { accuracy: nginxOff }, /^nginx adds at 500\/s, p50$/],
  ['an arrival that was not sent', { arrivals: [{ ...arrivals, sent: 1499 }] }, /^arrivals at 500/],
  ['an arrival that did not come', { arrivals: [{ ...arrivals, came: 1499 }] }, /^arrivals at 500/],
  ['uneven times', { arrivals: [{ ...arrivals, cameTimes: { distance: 0.2, p: 0.0001 } }] }, /times at the server/],
  ['counts of bursts', { arrivals: [{ ...arrivals, cameCounts: { index: 3, p: 0 } }] }, /counts at the server/],
  ['a stall that is not seen', { stall: { ...stall, p99: 0.2 } }, /stops for 1.4 s/],
  ['an arrival lost in a stall', { stall: { ...stall, neverSent: 1 } }, /no arrival is lost/],
  ['unequal equal deployments', { noise: { ...noise, sameRatioWide: wide } }, /two equal deployments/],
];
for (const [what, given, bar] of faults) {
  test(`${what} misses ${bar === undefined ? 'no bar' : `the bar ${bar.source}`}`, () => {
    const missed = judgeBars(calibrationWith(given)).filter(({ met }) => !met);
    assert.equal(missed.length, bar === undefined ? 0 : 1);
    if (bar !== undefined) assert.match(missed[0]?.name ?? '', bar);
  });
}

test('a summary and a table tell what k6 and nginx add, the noise, and the bars that were missed', () => {
  const good = calibrationWith();
  const [bare, nginx] = good.accuracy.map(one => addedBy(one, good.accuracy).p50);
  assert.equal(bare, 0.0002);
  assert.ok(Math.abs((nginx ?? 0) - 0.00015) < 1e-12);
  assert.deepEqual(calibrationSummary(good), {
    date: '2026-01-02T03:04:05.000Z',
    'k6 adds': '0.2 ms (p99 0.5 ms, CPU 0.4 ms) at 500/s',
    'nginx adds': '0.15 ms (p99 0 ms, CPU 0.1 ms) at 500/s',
    noise: '2 % from trial to trial, 3 % from start to start (20 trials in 5 blocks)',
    'two equal deployments': '1.01 × [0.98, 1.04] (A/A)',
    'bars missed': 'none',
  });
  assert.match(calibrationTable(good), /^nginx +500\/s +0\.15 +0\.15 +0 +0\.1 +0\.6 +2$/m);
  const missed = calibrationSummary(calibrationWith({ accuracy: [accuracyAt('bare', 0.0004)] }))['bars missed'];
  assert.equal(missed, 'k6 adds at 500/s, p50: +0.4 ms');
  assert.equal(calibrationSummary(calibrationWith({ accuracy: [] }))['k6 adds'], undefined);
});

test('an experiment takes noise and limits from a calibration, within bounds', () => {
  const experiment = experimentWith([]);
  assert.equal(calibrated(experiment, undefined), experiment);
  const found = calibrated(experiment, calibrationWith());
  assert.deepEqual(found.noise, { betweenTrials: 0.02, betweenBlocks: 0.03, source: 'calibrated' });
  // Twice a level of 0.1 is within its bounds.
  assert.deepEqual(found.validity, { scheduleLag: 0.1, steal: 0.02, others: 0.2 });
  assert.equal(summarizeNoise(calibrationWith({ noise: { ...noise, betweenBlocks: 0 } })).betweenBlocks, 0.01);
  const limits = (given: Partial<Calibration['noise']>, responseTime = 0.25) =>
    deriveValidity(calibrationWith({ noise: { ...noise, ...given } }), { responseTime });
  const much = { mean: 0.2, most: 0.5 };
  assert.deepEqual(limits({ steal: much, others: much }), { scheduleLag: 0.1, steal: 0.1, others: 0.35 });
  const lag = (most: number, responseTime?: number) =>
    limits({ scheduleLag: { mean: most, most } }, responseTime).scheduleLag;
  assert.deepEqual([lag(0.01), lag(0.02), lag(0.5), lag(0.02, 1)], [0.1, 0.16, 0.2, 0.1]);
});

test('a calibration is found again on its quiet machine, and on no other', async t => {
  const root = await mkdtemp(join(tmpdir(), 'loadline-calibration-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'package.json'), '{"version":"1.2.3"}');
  assert.equal(readCalibration(root, 'local'), undefined);
  const here = calibrationWith({ machine: describeMachine(root) });
  const file = await writeCalibration(root, here);
  assert.deepEqual(readCalibration(root, 'local'), here);
  assert.equal(readCalibration(root, 'compose'), undefined);
  for (const other of [{ machine: { ...here.machine, cpus: 1000 } }, { rest: { busy: 0.5, steal: 0 } }]) {
    await writeCalibration(root, { ...here, ...other });
    assert.equal(readCalibration(root, 'local'), undefined);
  }
  await writeFile(file, '{"schema":1,"date"');
  assert.equal(readCalibration(root, 'local'), undefined);
});
