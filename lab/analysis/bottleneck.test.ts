import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, record } from '../../loadtests/lib/histogram.ts';
import type { TopologyName } from '../../services/topologies.ts';
import type { Measurement } from '../experiment/trial-result.ts';
import { bottleneckOf } from './bottleneck.ts';
import type { LoadPoint } from './load-curve.ts';
import { experimentOf, trialAt, waitOn } from './testdata/cells.ts';
import { nothingMeasured } from './testdata/simulated-service.ts';
import { verdictOf } from './verdict.ts';

const experiment = experimentOf([]);

function stopped(topology: TopologyName, measurement: Partial<Measurement>, arrivalRate = 100) {
  const cell = waitOn(topology);
  const whole = { ...nothingMeasured(0.25), ...measurement };
  const trial = trialAt(arrivalRate, cell);
  const verdict = verdictOf(trial, whole, experiment.objective);
  const point: LoadPoint = { arrivalRate, trial, measurement: whole, verdict };
  return bottleneckOf(cell, [point], experiment);
}

const utilisation = { cpu: 0.2, workers: 0.2, 'database-connections': 0.2 };

/** A worker that completed 1,000 requests. */
function worker(busy: number, connectionsHeld: number): Measurement['workers'][number] {
  return { name: 'one', completed: 1000, busy: busy * 1000, databaseWait: 0, connectionsHeld: connectionsHeld * 1000 };
}

test('busy blocking workers are named with the time that each holds a request', () => {
  const workers = [worker(0.021, 0.02), worker(0.021, 0.02)];
  assert.deepEqual(stopped('sync', { workers, utilisation: { ...utilisation, workers: 0.98 } }), {
    resource: 'workers',
    utilisation: 0.98,
    sentence: 'both workers were busy 98 % of the time, each holding a request for 21 ms: 2 ÷ 0.021 s = 95.2/s',
  });
});

test('a busy event loop is named with the time that it computes for a request', () => {
  const found = stopped('async', { workers: [worker(0.0052, 0)], utilisation: { ...utilisation, workers: 0.96 } });
  assert.equal(
    found?.sentence,
    'the one event loop was busy 96 % of the time, 5.2 ms for each request: 1 ÷ 0.0052 s = 192/s',
  );
});

test('database connections are named with the time that a request holds one', () => {
  const found = stopped('hybrid', {
    workers: [worker(0.001, 0.021)],
    utilisation: { ...utilisation, 'database-connections': 0.97 },
  });
  assert.equal(found?.resource, 'database-connections');
  assert.equal(
    found?.sentence,
    'all 40 database connections were in use 97 % of the time, each held for 21 ms a request: 40 ÷ 0.021 s = 1900/s',
  );
});

test('used up CPUs are named before the workers that wait for them, with who used them', () => {
  const found = stopped('hybrid', {
    // Another window than that of the utilisation: the shares that are shown do not come from it.
    throughput: 1300,
    serviceDemand: { nginx: 0.0002, workers: 0.0009, postgres: 0.0001, k6: 0.0006 },
    utilisation: { cpu: 0.97, workers: 0.99, 'database-connections': 0.95 },
    cpuShare: { nginx: 0.1, workers: 0.45, postgres: 0.05, k6: 0.3 },
  });
  assert.equal(found?.resource, 'cpu');
  assert.equal(
    found?.sentence,
    'the 2 CPUs were 97 % busy: workers 45 %, k6 30 %, nginx 10 %, postgres 5 %, everything else 7 %',
  );
});

test('where nothing was used up, what was missed is said instead', () => {
  const responseTime = emptyHistogram(0.25);
  record(responseTime, 0.02, 900);
  record(responseTime, 0.4, 100);
  const found = stopped('hybrid', { responseTime, scored: 1000, utilisation }, 420);
  assert.equal(found?.resource, null);
  assert.match(
    found?.sentence ?? '',
    /^no resource was used up; the p99 response time was (39[6-9]|40[0-4]) ms at 420\/s$/,
  );
});
