import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trial } from '../../model/experiment.ts';
import { emptyHistogram, type Histogram, quantile, record } from '../../model/histogram.ts';
import type { Measurement, OtherDeployment } from '../../model/measurement.ts';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured, simulate } from '../search/testdata/simulated-service.ts';
import { findInvalidReason } from './validity.ts';

const cell = waitOn('threads');
const experiment = experimentWith([cell]);
const trial = trialAt(100, cell);

/** 1,000 sends of which `late` were 30 ms late. */
function lag(late: number): Histogram {
  const histogram = emptyHistogram(0.25);
  record(histogram, 0.001, 1000 - late);
  if (late > 0) record(histogram, 0.03, late);
  return histogram;
}

const fine: Measurement = { ...nothingMeasured(0.25), scheduleLag: lag(0) };

/** Requests that took 40 ms each at 50/s for 10 s, of which `sampled` are in progress at every sample. */
function littlesLaw(sampled: number): Partial<Measurement> {
  const inProgress = Array.from({ length: 200 }, (_, index) => ({ time: index * 0.05, requests: sampled }));
  return { inProgress, timeInProgress: 500 * 0.04 };
}

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

/** A generator that uses so much of all CPUs. */
function generator(k6: number): Partial<Measurement> {
  return {
    utilisation: { ...fine.utilisation, cpu: k6 + 0.2 },
    cpuShare: { nginx: 0.05, workers: 0.1, postgres: 0.05, k6 },
  };
}

const disturbed = 'machine-disturbed';
const atWork = 'other-deployment-at-work';
const cases: [what: string, measurement: Partial<Measurement>, kind?: string][] = [
  ['nothing wrong', {}],
  ['an arrival that was never sent', { neverSent: 1 }, 'never-sent'],
  ['an arrival without a connection', { neverSent: 1, outOfConnections: 1 }, 'out-of-connections'],
  ['requests in progress as in Little’s law', littlesLaw(2)],
  ['a few more requests in progress, by chance', littlesLaw(2.4)],
  ['more requests in progress than in Little’s law', littlesLaw(2.6), 'littles-law'],
  ['fewer requests in progress than in Little’s law', littlesLaw(1.4), 'littles-law'],
  ['a generator that uses half of the CPUs', generator(0.5)],
  ['a generator that uses more than all that it measures', generator(0.61), 'generator-cpu'],
  ['1 % of arrivals sent late', { scheduleLag: lag(10) }],
  ['more than 1 % of arrivals late by over a tenth of the objective', { scheduleLag: lag(11) }, 'schedule-lag'],
  ['completions of what succeeded and some of what failed', completed(950)],
  ['fewer completions than successes', completed(850), 'completions-differ'],
  ['more completions than requests', completed(1050), 'completions-differ'],
  ['workers that do not tell their completions', { completions: { sent: 1000, succeeded: 900 } }],
  ['a lab that fell silent', { stoppedEarly: true, controlLost: true }, 'control-lost'],
  ['another deployment that is idle', other({ cpus: 0.049 })],
  ['another deployment that completed a request', other({ completed: 1 }), atWork],
  ['another deployment that has a request', other({ inProgress: 1 }), atWork],
  ['another deployment that was restarted', other({ completed: -7 }), atWork],
  ['another deployment that used CPU time', other({ cpus: 0.051 }), atWork],
  ['a hidden deployment that is idle', { others: [{ name: 'sync-2x1-2-hidden', cpus: 0.01 }] }],
  ['a hidden deployment that computes', { others: [{ name: 'sync-2x1-2-hidden', cpus: 0.2 }] }, atWork],
  ['other programs that use a fifth of the CPUs', cpu(0.2)],
  ['other programs that use more than a quarter', cpu(0.26), disturbed],
  ['a late generator beside other programs', { ...cpu(0.3), scheduleLag: lag(11) }, disturbed],
  ['an unsent arrival beside other programs', { ...cpu(0.3), neverSent: 1 }, disturbed],
  ['steal of 4 %', { steal: 0.04 }],
  ['steal of 6 %', { steal: 0.06 }, disturbed],
];
for (const [what, given, kind] of cases) {
  test(`a trial with ${what} is ${kind ?? 'valid'}`, () => {
    assert.equal(findInvalidReason({ ...fine, ...given }, trial, experiment)?.kind, kind);
  });
}

test('a machine that was calibrated has limits of its own', () => {
  const validity = { scheduleLag: 0.05, steal: 0.02, others: 0.15 };
  const kindOf = (given: Partial<Measurement>) =>
    findInvalidReason({ ...fine, ...given }, trial, { ...experiment, validity })?.kind;
  assert.equal(kindOf({ steal: 0.019 }), undefined);
  assert.equal(kindOf({ steal: 0.021 }), 'machine-disturbed');
  assert.equal(kindOf(cpu(0.2)), 'machine-disturbed');
  // 30 ms of lag, with 12.5 allowed.
  assert.deepEqual(findInvalidReason({ ...fine, scheduleLag: lag(11) }, trial, { ...experiment, validity }), {
    kind: 'schedule-lag',
    p99: quantile(lag(11), 0.99),
    limit: 0.0125,
  });
});

const burst: Trial = { ...trial, load: { model: 'burst', requests: 100 } };
const light = trialAt(20, cell, { purpose: 'light' });
const exempt: [what: string, trial: Trial, given: Partial<Measurement>][] = [
  ['the requests of a burst cannot all be sent when they are due', burst, { scheduleLag: lag(500) }],
  ['a burst is over before requests in progress can be sampled', burst, littlesLaw(0)],
  ['a light trial has too few arrivals to be judged by its schedule lag', light, { scheduleLag: lag(100) }],
];
for (const [what, one, given] of exempt) {
  test(what, () => assert.equal(findInvalidReason({ ...fine, ...given }, one, experiment), undefined));
}

test('what another deployment did is told, for a light trial too', () => {
  assert.deepEqual(findInvalidReason({ ...fine, ...other({ completed: 3 }) }, light, experiment), {
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
  assert.equal(findInvalidReason(inTime, trial, experiment), undefined);
});
