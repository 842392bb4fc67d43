import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, type Histogram, quantile, record } from '../../model/histogram.ts';
import type { Measurement, OtherDeployment } from '../../model/measurement.ts';
import { experimentOf, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured, simulate } from '../search/testdata/simulated-service.ts';
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

const cases: [what: string, measurement: Partial<Measurement>, kind: string | undefined][] = [
  ['a trial in which all went well is valid', {}, undefined],
  ['an arrival that was never sent makes it invalid', { neverSent: 1 }, 'never-sent'],
  [
    'an arrival for which no connection was left makes it invalid',
    { neverSent: 1, outOfConnections: 1 },
    'out-of-connections',
  ],
  ['requests in progress that are arrivals times response time leave it valid', littlesLaw(2), undefined],
  ['a difference that chance explains leaves it valid', littlesLaw(2.4), undefined],
  ['more requests in progress than Little lets expect make it invalid', littlesLaw(2.6), 'littles-law'],
  ['fewer requests in progress than Little lets expect make it invalid', littlesLaw(1.4), 'littles-law'],
  ['a generator that uses half of the CPUs leaves it valid', generator(0.5), undefined],
  ['a generator that uses more than all that it measures makes it invalid', generator(0.61), 'generator-cpu'],
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
  [
    'a generator that is late beside other programs is disturbed',
    { ...cpu(0.3), scheduleLag: lag(11) },
    'machine-disturbed',
  ],
  [
    'where workers do not tell, completions are not compared',
    { completions: { sent: 1000, succeeded: 900 } },
    undefined,
  ],
  [
    'a hidden deployment that idles beside it leaves it valid',
    { others: [{ name: 'sync-2x1-2-hidden', cpus: 0.01 }] },
    undefined,
  ],
  [
    'a hidden deployment that computes beside it makes it invalid',
    { others: [{ name: 'sync-2x1-2-hidden', cpus: 0.2 }] },
    'other-deployment-at-work',
  ],
  ['so is one that left arrivals unsent', { ...cpu(0.3), neverSent: 1 }, 'machine-disturbed'],
  ['steal of 4 % is valid', { steal: 0.04 }, undefined],
  ['steal of 6 % is invalid', { steal: 0.06 }, 'machine-disturbed'],
];
for (const [what, given, kind] of cases) {
  test(what, () => assert.equal(invalidReasonOf({ ...fine, ...given }, trial, experiment)?.kind, kind));
}

test('a machine that was calibrated has limits of its own', () => {
  const validity = { scheduleLag: 0.05, steal: 0.02, others: 0.15 };
  const kindOf = (given: Partial<Measurement>) =>
    invalidReasonOf({ ...fine, ...given }, trial, { ...experiment, validity })?.kind;
  assert.equal(kindOf({ steal: 0.019 }), undefined);
  assert.equal(kindOf({ steal: 0.021 }), 'machine-disturbed');
  assert.equal(kindOf(cpu(0.2)), 'machine-disturbed');
  // 30 ms of lag, with 12.5 allowed.
  assert.deepEqual(invalidReasonOf({ ...fine, scheduleLag: lag(11) }, trial, { ...experiment, validity }), {
    kind: 'schedule-lag',
    p99: quantile(lag(11), 0.99),
    limit: 0.0125,
  });
});

test('the requests of a burst are all due at once and cannot all be sent at once', () => {
  const burst = { ...trial, load: { model: 'burst', requests: 100 } } as const;
  assert.equal(invalidReasonOf({ ...fine, scheduleLag: lag(500) }, burst, experiment), undefined);
});

test('a burst is over before requests in progress can be sampled', () => {
  const burst = { ...trial, load: { model: 'burst', requests: 100 } } as const;
  assert.equal(invalidReasonOf({ ...fine, ...littlesLaw(0) }, burst, experiment), undefined);
});

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
