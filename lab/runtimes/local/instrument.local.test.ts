import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { testArrivals } from '../../calibration/arrivals.ts';
import { compareStamps } from '../../calibration/calibrate.ts';
import { driveAt } from '../../calibration/instrument.ts';
import { startInstrument } from './instrument.ts';

const root = join(import.meta.dirname, '../../..');
const { signal } = new AbortController();

test('k6 sees the delays that the server stamps, bare and through nginx, and both count the same arrivals', async () => {
  await using instrument = await startInstrument({ root, seed: 3, signal, say: () => undefined });
  for (const path of ['bare', 'nginx'] as const) {
    const drive = { path, arrivalRate: 400, seed: 5, phases: { warmUp: 0.5, steadyState: 1.5, timeLimit: 5 } };
    const driven = await driveAt(instrument, drive, signal);
    const { truth, off, cpuPerRequest } = compareStamps(drive, driven);
    // Log-normal delays around 8 ms; the timers that make them have steps of a millisecond.
    assert.ok(truth.p50 > 0.006 && truth.p50 < 0.011, `${truth.p50}`);
    // How exact it is on a quiet machine is what a calibration is for: here it is not a hundredfold off, by a unit.
    assert.ok(off.p50 > -0.0005 && off.p50 < 0.005, `${off.p50}`);
    assert.ok(cpuPerRequest.k6 > 0.00005 && cpuPerRequest.k6 < 0.01, `${cpuPerRequest.k6}`);
    assert.equal(cpuPerRequest.nginx > 0, path === 'nginx');
    const { due, sent, came } = testArrivals([{ drive, driven }]);
    assert.deepEqual({ sent, came }, { sent: due, came: due });
  }
});
