import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkloadRequest } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import { requireTold } from '../../model/measurement.ts';
import { meanWait } from '../queueing/erlang-c.ts';
import { Random } from './random.ts';
import { measuredService, type ServiceModel, waitingAlone } from './service-model.ts';
import { simulateTrial } from './simulate-trial.ts';
import { cpuRequest, type TrialInWords, trialWith, waitRequest } from './testdata/trials.ts';

const objective = 0.25;

/** Deployments of every kind, with a load that they carry: a part of what they complete when users never think. */
function* anyTrials(): Generator<{ words: TrialInWords; cpus: number }> {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    const draw = (from: number, to: number) => from + Math.floor(random.next() * (to - from + 1));
    const cpus = draw(1, 8);
    const words = {
      cpus,
      requests: anyRequests(draw),
      seed,
      ...(draw(0, 1) === 0
        ? { topology: 'sync-threads' as const, processes: draw(1, 4), threadsPerProcess: draw(1, 8) }
        : { topology: 'hybrid' as const, processes: draw(1, 8), databaseConnections: draw(8, 60) }),
    };
    const users = { model: 'closed', users: 200, thinkTime: 0 } as const;
    const everything = trialWith({ ...words, load: users, phases: { timeLimit: 60 } });
    const { throughput } = simulateTrial(everything, measuredService, { cpus, objective }).measurement;
    const arrivalRate = throughput * (0.2 + 0.6 * random.next());
    const phases = { warmUp: 2, steadyState: 6000 / arrivalRate, timeLimit: 60 };
    yield { words: { ...words, load: { model: 'open', arrivalRate }, phases }, cpus };
  }
}

function anyRequests(draw: (from: number, to: number) => number): WorkloadRequest[] {
  const mixes: WorkloadRequest[][] = [
    [waitRequest(draw(1, 100))],
    [cpuRequest(draw(1, 20) / 1000)],
    [waitRequest(draw(1, 50), 3), cpuRequest(draw(1, 5) / 1000)],
    [{ weight: 1, route: 'work', parameters: { units: draw(0, 100), ms: draw(0, 30), reads: draw(1, 5) } }],
    [
      { weight: 1, route: 'orders', parameters: {} },
      { weight: 4, route: 'item', parameters: { id: 7 } },
    ],
  ];
  return mixes[draw(0, mixes.length - 1)] ?? [];
}

test('every request is sent, served, answered and scored once, and Little’s law holds: L = λ W', () => {
  for (const { words, cpus } of anyTrials()) {
    const trial = trialWith(words);
    const measurement = requireTold(simulateTrial(trial, measuredService, { cpus, objective }).measurement);
    const { completions, responseTime, responseTimeFromSend, scheduleLag, scored, inProgress } = measurement;
    assert.equal(completions.succeeded, completions.sent);
    assert.equal(completions.byWorkers, completions.sent);
    for (const histogram of [responseTime, responseTimeFromSend, scheduleLag]) assert.equal(histogram.count, scored);
    assert.equal(inProgress.at(-1)?.requests, 0);
    assert.ok(Math.abs((responseTimeFromSend.sum + scheduleLag.sum) / responseTime.sum - 1) < 1e-9);

    const { offeredLoad, observed, workers, utilisation, activeBackends } = measurement;
    const steady = inProgress.filter(({ time }) => time >= 2 && time < 2 + observed);
    const seen = steady.reduce((sum, { requests }) => sum + requests, 0) / steady.length;
    const expected = offeredLoad * meanOf(responseTime);
    // Sampled four times a second: a mean of so many numbers that are about Poisson, and correlated.
    const error = 4 * Math.sqrt(expected / steady.length) + 0.15 * expected;
    assert.ok(Math.abs(seen - expected) < error, `${seen} in progress, not ${expected}`);
    const held = workers.reduce((sum, { connectionsHeld }) => sum + connectionsHeld, 0) / observed;
    const inUse = utilisation['database-connections'] * trial.cell.deployment.databaseConnections;
    assert.ok(Math.abs(held - inUse) < 1e-6);
    assert.ok((activeBackends?.mean ?? 0) <= held + 4 * Math.sqrt((held + 0.1) / steady.length) + 0.15 * held);
    for (const { busy, databaseWait, connectionsHeld } of workers) {
      assert.ok(busy <= observed * (1 + 1e-9) && databaseWait <= connectionsHeld);
    }
  }
});

const S = 0.02;
const exponentialWaits: ServiceModel = {
  ...waitingAlone,
  databaseWait: { least: 0, most: 0, distribution: 'exponential' },
};

/** The mean response time of very many requests, none of which is given up. */
function meanResponse(words: Omit<TrialInWords, 'load'>, arrivalRate: number, cpus: number, model = waitingAlone) {
  const phases = { warmUp: 100, steadyState: 150_000 / arrivalRate, timeLimit: 1e6 };
  const trial = trialWith({ ...words, load: { model: 'open', arrivalRate }, phases });
  return meanOf(simulateTrial(trial, model, { cpus, objective }).measurement.responseTime);
}

test('an event loop with c connections waits as M/M/c does', () => {
  for (const servers of [1, 3, 12]) {
    for (const busy of [0.5, 0.8]) {
      const arrivalRate = (busy * servers) / S;
      const mean = meanResponse({ topology: 'async', databaseConnections: servers }, arrivalRate, 2, exponentialWaits);
      const expected = S + meanWait({ arrivalRate, serviceTime: S, servers });
      assert.ok(Math.abs(mean / expected - 1) < 0.03, `M/M/${servers} at ${busy}: ${mean}, not ${expected}`);
    }
  }
});

test('a blocking worker with waits of one length waits as M/D/1 does: ρ S ÷ 2 (1 − ρ) (Pollaczek and Khinchine)', () => {
  for (const busy of [0.3, 0.6, 0.8]) {
    const expected = S + (busy * S) / (2 * (1 - busy));
    const mean = meanResponse({ topology: 'sync', processes: 1 }, busy / S, 1);
    assert.ok(Math.abs(mean / expected - 1) < 0.02, `${mean}, not ${expected}`);
  }
});

test('the cores are shared fairly: random work takes S ÷ (1 − ρ), as with processor sharing', () => {
  const work = 0.3;
  for (const busy of [0.4, 0.7]) {
    const words = { topology: 'threads', threadsPerProcess: 60, requests: [cpuRequest(work)] } as const;
    assert.ok(Math.abs((meanResponse(words, busy / work, 1) * (1 - busy)) / work - 1) < 0.03);
  }
});
