import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkloadRequest } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import { requireTold } from '../../model/measurement.ts';
import { Random } from './random.ts';
import { measuredService } from './service-model.ts';
import { simulateTrial } from './simulate-trial.ts';
import { cpuOf, type TrialInWords, trialOf, waitOf } from './testdata/trials.ts';

const DEPLOYMENTS = 20;
const objective = 0.25;

/** Deployments of every kind, with a load that they carry: a part of what they complete when users never think. */
function* anyTrials(): Generator<{ words: TrialInWords; cpus: number }> {
  for (let seed = 1; seed <= DEPLOYMENTS; seed++) {
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
    const everything = trialOf({
      ...words,
      load: { model: 'closed', users: 200, thinkTime: 0 },
      phases: { timeLimit: 60 },
    });
    const { throughput } = simulateTrial(everything, measuredService, { cpus, objective }).measurement;
    const arrivalRate = throughput * (0.2 + 0.6 * random.next());
    const phases = { warmUp: 2, steadyState: 6000 / arrivalRate, timeLimit: 60 };
    yield { words: { ...words, load: { model: 'open', arrivalRate }, phases }, cpus };
  }
}

function anyRequests(draw: (from: number, to: number) => number): WorkloadRequest[] {
  const mixes: WorkloadRequest[][] = [
    [waitOf(draw(1, 100))],
    [cpuOf(draw(1, 20) / 1000)],
    [waitOf(draw(1, 50), 3), cpuOf(draw(1, 5) / 1000)],
    [{ weight: 1, route: 'work', parameters: { units: draw(0, 100), ms: draw(0, 30), reads: draw(1, 5) } }],
    [
      { weight: 1, route: 'orders', parameters: {} },
      { weight: 4, route: 'item', parameters: { id: 7 } },
    ],
  ];
  return mixes[draw(0, mixes.length - 1)] ?? [];
}

test('nothing is lost and nothing is invented: what was sent was served once, answered and scored', () => {
  for (const { words, cpus } of anyTrials()) {
    const { measurement } = simulateTrial(trialOf(words), measuredService, { cpus, objective });
    const { completions, responseTime, responseTimeFromSend, scheduleLag, scored, inProgress } = measurement;
    assert.equal(completions.succeeded, completions.sent);
    assert.equal(completions.byWorkers, completions.sent);
    for (const histogram of [responseTime, responseTimeFromSend, scheduleLag]) assert.equal(histogram.count, scored);
    assert.equal(inProgress.at(-1)?.requests, 0);
    const parts = responseTimeFromSend.sum + scheduleLag.sum;
    assert.ok(Math.abs(parts / responseTime.sum - 1) < 1e-9);
  }
});

test('Little’s law holds: L = λ W, of requests in progress and of what each worker counts', () => {
  for (const { words, cpus } of anyTrials()) {
    const { measurement } = simulateTrial(trialOf(words), measuredService, { cpus, objective });
    const { inProgress, responseTime, offeredLoad, observed, workers, utilisation, activeBackends } =
      requireTold(measurement);
    const steady = inProgress.filter(({ time }) => time >= 2 && time < 2 + observed);
    const seen = steady.reduce((sum, { requests }) => sum + requests, 0) / steady.length;
    const expected = offeredLoad * meanOf(responseTime);
    // It is seen four times a second: a mean of so many numbers that are about Poisson, and hang together.
    const error = 4 * Math.sqrt(expected / steady.length) + 0.15 * expected;
    assert.ok(Math.abs(seen - expected) < error, `${seen} in progress, not ${expected}`);

    const held = workers.reduce((sum, { connectionsHeld }) => sum + connectionsHeld, 0) / observed;
    assert.ok(
      Math.abs(held - utilisation['database-connections'] * trialOf(words).cell.deployment.databaseConnections) < 1e-6,
    );
    assert.ok((activeBackends?.mean ?? 0) <= held + 4 * Math.sqrt((held + 0.1) / steady.length) + 0.15 * held);
    for (const { busy, databaseWait, connectionsHeld } of workers) {
      assert.ok(busy <= observed * (1 + 1e-9));
      assert.ok(databaseWait <= connectionsHeld);
    }
  }
});
