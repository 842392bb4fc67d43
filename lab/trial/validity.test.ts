import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, type Histogram, record } from '../../loadtests/lib/histogram.ts';
import { experimentOf, trialAt, waitOn } from '../analysis/testdata/cells.ts';
import { nothingMeasured, simulate } from '../analysis/testdata/simulated-service.ts';
import type { Measurement, OtherDeployment } from '../experiment/trial-result.ts';
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

/** What the workers completed of 1,000 requests, of which 900 succeeded. */
function completed(byWorkers: number): Partial<Measurement> {
  return { completions: { sent: 1000, succeeded: 900, byWorkers } };
}

/** A deployment that should be idle, and was but for this. */
function other(did: Partial<OtherDeployment>): Partial<Measurement> {
  const idle = { name: 'sync-2x1-2', completed: 0, inProgress: 0, cpus: 0.01 };
  return { others: [idle, { ...idle, name: 'hybrid-2x1-40', ...did }] };
}

/** Components that use half of the CPUs, next to others that use so much. */
function cpu(others: number): Partial<Measurement> {
  return {
    utilisation: { ...fine.utilisation, cpu: 0.5 + others },
    cpuShare: { nginx: 0.05, workers: 0.2, postgres: 0.1, k6: 0.15 },
  };
}

const cases: [what: string, measurement: Partial<Measurement>, kind: string | undefined][] = [
  ['a trial in which all went well is valid', {}, undefined],
  ['an arrival that was never sent makes it invalid', { neverSent: 1 }, 'never-sent'],
  ['1 % of arrivals sent late is just valid', { scheduleLag: lag(10) }, undefined],
  [
    'more than 1 % of arrivals sent late by over a tenth of the objective is invalid',
    { scheduleLag: lag(11) },
    'schedule-lag',
  ],
  ['all that succeeded, and some of what failed, completed by workers is valid', completed(950), undefined],
  ['fewer completions of the workers than successes is invalid', completed(850), 'completions-differ'],
  ['more completions of the workers than requests is invalid', completed(1050), 'completions-differ'],
  [
    'a load that stopped because the lab fell silent is invalid',
    { stoppedEarly: true, controlLost: true },
    'control-lost',
  ],
  ['other deployments that are idle leave it valid', other({ cpus: 0.049 }), undefined],
  ['a request that another deployment completed makes it invalid', other({ completed: 1 }), 'other-deployment-at-work'],
  [
    'a request that another deployment still has makes it invalid',
    other({ inProgress: 1 }),
    'other-deployment-at-work',
  ],
  ['a restart of another deployment makes it invalid', other({ completed: -7 }), 'other-deployment-at-work'],
  ['CPU time of another deployment makes it invalid', other({ cpus: 0.051 }), 'other-deployment-at-work'],
  ['other programs that use a fifth of the CPUs leave it valid', cpu(0.2), undefined],
  ['other programs that use more than a quarter of the CPUs make it invalid', cpu(0.3), 'machine-disturbed'],
  ['steal of 4 % is valid', { steal: 0.04 }, undefined],
  ['steal of 6 % is invalid', { steal: 0.06 }, 'machine-disturbed'],
];
for (const [what, given, kind] of cases) {
  test(what, () => assert.equal(invalidReasonOf({ ...fine, ...given }, trial, experiment)?.kind, kind));
}

test('a light trial has too few arrivals to be judged by its schedule lag', () => {
  const light = trialAt(20, cell, { purpose: 'light' });
  assert.equal(invalidReasonOf({ ...fine, scheduleLag: lag(100) }, light, experiment), undefined);
});

test('what another deployment did is told, for a light trial too', () => {
  const light = trialAt(20, cell, { purpose: 'light' });
  assert.deepEqual(invalidReasonOf({ ...fine, ...other({ completed: 3 }) }, light, experiment), {
    kind: 'other-deployment-at-work',
    name: 'hybrid-2x1-40',
    completed: 3,
    inProgress: 0,
    cpus: 0.01,
  });
});

test('the outcome does not matter: an overload is as valid as a light load', () => {
  const overload = simulate(trialAt(500, cell), { serviceTime: 0.021, cpuPerRequest: 0, cpus: 2 }, experiment);
  assert.ok(overload.state === 'completed' && overload.measurement.stoppedEarly);
  const inTime = { ...overload.measurement, scheduleLag: lag(0) };
  assert.equal(invalidReasonOf(inTime, trial, experiment), undefined);
});
