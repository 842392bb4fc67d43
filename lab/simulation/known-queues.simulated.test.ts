import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf } from '../../model/histogram.ts';
import { meanWait } from '../queueing/erlang-c.ts';
import { type ServiceModel, waitingAlone } from './service-model.ts';
import { simulateTrial } from './simulate-trial.ts';
import { cpuOf, trialOf } from './testdata/trials.ts';

const S = 0.02;
const REQUESTS = 150_000;
const exponentialWaits: ServiceModel = {
  ...waitingAlone,
  databaseWait: { least: 0, most: 0, distribution: 'exponential' },
};

/** The phases of a run of many requests; nothing in it is given up. */
function phasesAt(arrivalRate: number) {
  return { warmUp: 100 * S, steadyState: REQUESTS / arrivalRate, timeLimit: 1e6 };
}

for (const servers of [1, 3, 12]) {
  for (const busy of [0.5, 0.8]) {
    test(`an event loop with ${servers} connections that are ${busy * 100} % in use waits as M/M/${servers} does`, () => {
      const arrivalRate = (busy * servers) / S;
      const load = { model: 'open', arrivalRate } as const;
      const trial = trialOf({ topology: 'async', databaseConnections: servers, load, phases: phasesAt(arrivalRate) });
      const { measurement } = simulateTrial(trial, exponentialWaits, { cpus: 2, objective: 0.25 });
      const expected = S + meanWait({ arrivalRate, serviceTime: S, servers });
      assert.ok(Math.abs(meanOf(measurement.responseTime) / expected - 1) < 0.03);
    });
  }
}

test('a blocking worker with waits of one length waits as M/D/1 does: ρ S ÷ 2 (1 − ρ) (Pollaczek and Khinchine)', () => {
  for (const busy of [0.3, 0.6, 0.8]) {
    const load = { model: 'open', arrivalRate: busy / S } as const;
    const trial = trialOf({ topology: 'sync', processes: 1, load, phases: phasesAt(busy / S) });
    const { measurement } = simulateTrial(trial, waitingAlone, { cpus: 1, objective: 0.25 });
    const expected = S + (busy * S) / (2 * (1 - busy));
    assert.ok(Math.abs(meanOf(measurement.responseTime) / expected - 1) < 0.02);
  }
});

test('the cores are shared fairly: work that comes at random takes S ÷ (1 − ρ), as with processor sharing', () => {
  const work = 0.3;
  for (const busy of [0.4, 0.7]) {
    const arrivalRate = busy / work;
    const trial = trialOf({
      topology: 'threads',
      threadsPerProcess: 60,
      requests: [cpuOf(work)],
      load: { model: 'open', arrivalRate },
      phases: { warmUp: 100, steadyState: 40_000 / arrivalRate, timeLimit: 1e6 },
    });
    const { measurement } = simulateTrial(trial, waitingAlone, { cpus: 1, objective: 0.25 });
    assert.ok(Math.abs((meanOf(measurement.responseTime) * (1 - busy)) / work - 1) < 0.03);
  }
});
