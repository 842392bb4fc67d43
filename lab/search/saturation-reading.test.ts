import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { LightLook } from './saturation.ts';
import { noiseAt, spoiledReading } from './saturation-reading.ts';
import { experimentWith, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured } from './testdata/simulated-service.ts';

/** 40 connections and two event loops. */
const cell = waitOn('hybrid');
const experiment = { ...experimentWith([cell]), cpus: 2 };
const light: LightLook = {
  saturation: 1900,
  responseTime: 0.021,
  burstiness: 1,
  requests: 60,
  throughput: 20,
  cpu: 0.004,
};
const workers = ['hybrid-1', 'hybrid-2'].map(name => ({
  ...{ name, completed: 8000, busy: 2, databaseWait: 160, connectionsHeld: 168, connectionWait: 0 },
  inProgress: { mean: 20, most: 30 },
}));

/** A trial at 2,100/s that completed 1,600/s, with requests in progress from so many to so many. */
function spoiled(from: number, to: number, changes: Partial<Measurement> = {}) {
  const trial = trialAt(2100, cell);
  const { warmUp } = trial.phases;
  const scheduleLag = emptyHistogram(0.25);
  record(scheduleLag, 0.01);
  const measurement: Measurement = {
    ...nothingMeasured(0.25),
    ...{ throughput: 1600, offeredLoad: 2100, scored: 21_000, observed: 10, workers, scheduleLag },
    inProgress: Array.from({ length: 41 }, (_, index) => ({
      time: warmUp + index * 0.25,
      requests: from + (index / 40) * (to - from),
    })),
    utilisation: { cpu: 0.8, workers: 0.5, 'database-connections': 1, nginx: 0.1 },
    cpuShare: { nginx: 0.08, workers: 0.3, postgres: 0.12, k6: 0.3 },
    serviceDemand: { nginx: 0.0001, workers: 0.000375, postgres: 0.00015, k6: 0.000375 },
    ...changes,
  };
  return { arrivalRate: 2100, trial, measurement, verdict: { met: false, misses: [] } };
}

const fullCpus = { utilisation: { cpu: 0.96, workers: 0.5, 'database-connections': 0.8, nginx: 0.1 } };
const readSaturation = (...given: Parameters<typeof spoiled>) => {
  const reading = spoiledReading(spoiled(...given), experiment, light);
  return reading && Math.exp(reading.logSaturation);
};

test('an overloaded trial whose requests in progress never ran out shows the saturation', () => {
  assert.equal(Math.round(readSaturation(300, 900) ?? 0), 1600);
});

const nothing: [what: string, given: Parameters<typeof spoiled>][] = [
  ['requests in progress ran out', [10, 900]],
  // 1,600/s × 10 ms are answers that k6 has not read.
  ['requests in progress were answers that k6 had not read', [50, 900]],
  ['k6 used nearly all that it may', [300, 900, { cpuShare: { nginx: 0.08, workers: 0.2, postgres: 0.1, k6: 0.46 } }]],
  [
    'k6 used most of the CPU time',
    [
      300,
      900,
      {
        cpuShare: { nginx: 0.02, workers: 0.1, postgres: 0.02, k6: 0.4 },
        utilisation: { cpu: 0.55, workers: 0.2, 'database-connections': 1, nginx: 0.1 },
      },
    ],
  ],
  ['k6 had no connection left', [300, 900, { outOfConnections: 3 }]],
  ['nothing was completed', [300, 900, { throughput: 0 }]],
];
for (const [what, given] of nothing) {
  test(`a trial shows no saturation where ${what}`, () => assert.equal(readSaturation(...given), undefined));
}

test('with full CPUs the time that went to unfinished requests counts', () => {
  // 100 more in progress each second: k6 and nginx began 1,700/s and completed 1,600/s.
  const of = readSaturation(300, 1300, fullCpus) ?? 0;
  assert.ok(of > 1610 && of < 1660, `${of}`);
});

test('with full CPUs a load that was completed shows that the saturation is near', () => {
  const carried = {
    ...{ ...fullCpus, throughput: 2090 },
    workers: workers.map(worker => ({ ...worker, completed: 10_450, connectionsHeld: 150 })),
    serviceDemand: { nginx: 0.0001, workers: 0.00035, postgres: 0.00013, k6: 0.00034 },
  };
  const reading = spoiledReading(spoiled(20, 60, carried), experiment, light);
  assert.ok(reading && reading.error < 0.15, JSON.stringify(reading));
  assert.ok(reading.logSaturation > Math.log(2090) && reading.logSaturation < Math.log(2600), JSON.stringify(reading));
});

test('noise of the CPUs’ speed counts for more where they are what is used up, since demand falls with load', () => {
  const cpuBound = { utilisation: { cpu: 1, workers: 0.5, 'database-connections': 0.8, nginx: 0.1 } };
  assert.equal(noiseAt(spoiled(300, 900), 0.03, light), 0.03);
  const noise = noiseAt(spoiled(300, 900, cpuBound), 0.03, light);
  assert.ok(noise > 0.04 && noise <= 0.06, `${noise}`);
});
