import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { experimentOf } from '../search/testdata/cells.ts';
import { calibrated, noiseOf, validityOf } from './calibrated.ts';
import { machineOf, readCalibration, writeCalibration } from './calibration-file.ts';
import { calibrationWith } from './testdata/calibrations.ts';

test('an experiment takes noise and limits from a calibration, and is as it was without one', () => {
  const experiment = experimentOf([]);
  assert.equal(calibrated(experiment, undefined), experiment);
  const { noise, validity } = calibrated(experiment, calibrationWith());
  assert.deepEqual(noise, { betweenTrials: 0.02, betweenBlocks: 0.03, source: 'calibrated' });
  // Twice a level of 0.1 is within its bounds.
  assert.deepEqual(validity, { scheduleLag: 0.1, steal: 0.02, others: 0.2 });
});

test('noise that was not found is not taken to be none', () => {
  const { noise } = calibrationWith();
  assert.equal(noiseOf(calibrationWith({ noise: { ...noise, betweenBlocks: 0 } })).betweenBlocks, 0.01);
});

test('a machine that is always disturbed raises its limits, but not without bounds', () => {
  const { noise } = calibrationWith();
  const steal = { mean: 0.2, most: 0.5 };
  const limits = validityOf(calibrationWith({ noise: { ...noise, steal, others: steal } }), { responseTime: 0.25 });
  assert.deepEqual(limits, { scheduleLag: 0.1, steal: 0.1, others: 0.35 });
});

test('k6 may be later where it is late with all CPUs busy, but not without bounds', () => {
  const { noise } = calibrationWith();
  const limitAt = (most: number, responseTime = 0.25) =>
    validityOf(calibrationWith({ noise: { ...noise, scheduleLag: { mean: most, most } } }), { responseTime })
      .scheduleLag;
  assert.deepEqual([limitAt(0.01), limitAt(0.02), limitAt(0.5)], [0.1, 0.16, 0.2]);
  assert.equal(limitAt(0.02, 1), 0.1);
});

test('a calibration is found again on the machine that it was made on, and on no other', async t => {
  const root = await mkdtemp(join(tmpdir(), 'loadline-calibration-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'package.json'), '{"version":"1.2.3"}');
  assert.equal(readCalibration(root, 'local'), undefined);

  const here = calibrationWith({ machine: machineOf(root) });
  const file = await writeCalibration(root, here);
  assert.deepEqual(readCalibration(root, 'local'), here);
  assert.equal(readCalibration(root, 'compose'), undefined);

  await writeCalibration(root, { ...here, machine: { ...here.machine, cpus: 1000 } });
  assert.equal(readCalibration(root, 'local'), undefined);
  await writeCalibration(root, { ...here, rest: { busy: 0.5, steal: 0 } });
  assert.equal(readCalibration(root, 'local'), undefined);
  await writeFile(file, '{"schema":1,"date"');
  assert.equal(readCalibration(root, 'local'), undefined);
});
