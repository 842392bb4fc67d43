import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, type Histogram, record } from '../../loadtests/lib/histogram.ts';
import { experimentOf, trialAt, waitOn } from '../analysis/testdata/cells.ts';
import { nothingMeasured, simulate } from '../analysis/testdata/simulated-service.ts';
import type { Measurement } from '../experiment/trial-result.ts';
import { invalidReasonOf } from './validity.ts';

const cell = waitOn('threads');
const experiment = experimentOf([cell]);
const trial = trialAt(100, cell);

/** 1,000 sends of which `late` were 30 ms late. */
function lag(late: number): Histogram {
  const histogram = emptyHistogram(0.25);
  record(histogram, 0.001, 1000 - late);
  if (late > 0) record(histogram, 0.03, late);
  return histogram;
}

const fine: Measurement = { ...nothingMeasured(0.25), scheduleLag: lag(0) };

const cases: [what: string, measurement: Partial<Measurement>, kind: string | undefined][] = [
  ['a trial in which all went well is valid', {}, undefined],
  ['an arrival that was never sent makes it invalid', { neverSent: 1 }, 'never-sent'],
  ['1 % of arrivals sent late is just valid', { scheduleLag: lag(10) }, undefined],
  [
    'more than 1 % of arrivals sent late by over a tenth of the objective is invalid',
    { scheduleLag: lag(11) },
    'schedule-lag',
  ],
  ['Little’s law off by 9 % is valid', { littlesLaw: 1.09 }, undefined],
  ['Little’s law off by 30 % is invalid', { littlesLaw: 1.3 }, 'littles-law'],
  ['Little’s law off by 30 % the other way is invalid', { littlesLaw: 0.7 }, 'littles-law'],
  ['steal of 4 % is valid', { steal: 0.04 }, undefined],
  ['steal of 6 % is invalid', { steal: 0.06 }, 'machine-disturbed'],
];
for (const [what, given, kind] of cases) {
  test(what, () => assert.equal(invalidReasonOf({ ...fine, ...given }, trial, experiment)?.kind, kind));
}

test('a light trial has too few arrivals to be judged by its schedule lag', () => {
  const light = trialAt(20, cell, { purpose: 'light' });
  assert.equal(invalidReasonOf({ ...fine, scheduleLag: lag(100), littlesLaw: 2 }, light, experiment), undefined);
});

test('the outcome does not matter: an overload is as valid as a light load', () => {
  const overload = simulate(trialAt(500, cell), { serviceTime: 0.021, cpuPerRequest: 0, cpus: 2 }, experiment);
  assert.ok(overload.state === 'completed' && overload.measurement.stoppedEarly);
  const inTime = { ...overload.measurement, scheduleLag: lag(0) };
  assert.equal(invalidReasonOf(inTime, trial, experiment), undefined);
});
