import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitIntoWaves } from '../../loadtests/lib/summary.ts';
import { countOverObjective, meanOf, quantile } from '../../model/histogram.ts';
import { type Component, components } from '../../model/measurement.ts';
import { deviationOf } from '../../model/statistics.ts';
import { type CpuDemand, mapDemands, measuredService, waitingAlone } from './service-model.ts';
import { drawSlowness, simulateTrial } from './simulate-trial.ts';
import { cpuRequest, type TrialInWords, trialWith, waitRequest } from './testdata/trials.ts';

const objective = 0.25;

test('the same trial gives the same measurement, and another seed another one', () => {
  const measured = (seed: number) =>
    simulateTrial(
      trialWith({ topology: 'hybrid', load: { model: 'open', arrivalRate: 1500 }, seed }),
      measuredService,
      {
        cpus: 2,
        objective,
      },
    );
  assert.deepEqual(measured(5), measured(5));
  assert.notEqual(measured(5).measurement.throughput, measured(6).measurement.throughput);
});

test('CPU of every component is the demand of its requests, and all of them together are what the cores did', () => {
  for (const [topology, arrivalRate] of [
    ['sync', 60],
    ['hybrid', 1200],
    ['async', 900],
  ] as const) {
    const trial = trialWith({ topology, load: { model: 'open', arrivalRate }, phases: { steadyState: 60 } });
    const { measurement } = simulateTrial(trial, measuredService, { cpus: 2, objective });
    const { cpuShare, serviceDemand, throughput, utilisation } = measurement;
    const close = (one: number, other: number) => assert.ok(Math.abs(one / other - 1) < 0.01, `${one}, not ${other}`);
    for (const component of components) close(2 * cpuShare[component], serviceDemand[component] * throughput);
    close(
      utilisation.cpu,
      Object.values(cpuShare).reduce((sum, share) => sum + share, 0),
    );
  }
});

test('demands are those that were measured on two cores, at the loads at which they were', () => {
  const measured: [Parameters<typeof trialWith>[0]['topology'], number, Partial<Record<Component, number>>][] = [
    ['sync', 44.9, { nginx: 0.22, workers: 0.725, postgres: 0.212, k6: 1.18 }],
    ['threads', 181, { nginx: 0.178, workers: 0.873, postgres: 0.16, k6: 0.771 }],
    ['async', 965, { nginx: 0.0821, workers: 0.225, postgres: 0.0937, k6: 0.321 }],
    ['hybrid', 1040, { nginx: 0.0822, workers: 0.283, postgres: 0.0971, k6: 0.33 }],
    ['hybrid', 4500, { k6: 0.13 }],
  ];
  for (const [topology, arrivalRate, demands] of measured) {
    // One that is not held up by its 40 connections either.
    const words = arrivalRate > 2000 ? { requests: [{ weight: 1, route: 'item', parameters: {} }] as const } : {};
    const load = { model: 'open', arrivalRate } as const;
    const trial = trialWith({ topology, load, phases: { steadyState: 30 }, ...words });
    const { serviceDemand } = simulateTrial(trial, measuredService, { cpus: 2, objective }).measurement;
    for (const [component, milliseconds] of Object.entries(demands)) {
      const simulated = serviceDemand[component as Component] * 1000;
      assert.ok(Math.abs(simulated / milliseconds - 1) < 0.2, `${component} at ${arrivalRate}/s: ${simulated} ms`);
    }
  }
});

test('k6 with event loops of its own is late where the CPUs are full, and only there', () => {
  const slow = ({ light, least, half }: CpuDemand) => ({ light: 1.7 * light, least: 1.7 * least, half });
  const model = { ...mapDemands(measuredService, slow), sources: 2 };
  const lateAt = (arrivalRate: number) => {
    const load = { model: 'open', arrivalRate } as const;
    const trial = trialWith({ topology: 'hybrid', databaseConnections: 80, load, seed: 3 });
    const { measurement } = simulateTrial(trial, model, { cpus: 2, objective });
    return { lag: quantile(measurement.scheduleLag, 0.99), cpu: measurement.utilisation.cpu };
  };
  const [rest, full] = [lateAt(300), lateAt(2300)];
  assert.ok(rest.cpu < 0.5 && rest.lag < 0.01, JSON.stringify(rest));
  assert.ok(full.cpu > 0.9 && full.lag > 0.02, JSON.stringify(full));
});

test('a burst is answered in waves of as many as there are blocking workers, by an event loop all at once', () => {
  const wavesAt = (words: Pick<TrialInWords, 'topology' | 'threadsPerProcess' | 'databaseConnections'>) => {
    const trial = trialWith({ ...words, load: { model: 'burst', requests: 100 }, phases: { warmUp: 0 } });
    const { responses = [], scored } = simulateTrial(trial, waitingAlone, { cpus: 2, objective }).measurement;
    assert.equal(scored, 100);
    return splitIntoWaves(responses).map(wave => wave.length);
  };
  assert.deepEqual(wavesAt({ topology: 'threads', threadsPerProcess: 19 }), [19, 19, 19, 19, 19, 5]);
  assert.deepEqual(wavesAt({ topology: 'async', databaseConnections: 100 }), [100]);
});

test('users of a closed load and their requests obey N = X (R + Z)', () => {
  for (const users of [10, 80, 400]) {
    const load = { model: 'closed', users, thinkTime: 0.1 } as const;
    const trial = trialWith({ topology: 'hybrid', load, phases: { steadyState: 60 } });
    const { throughput, responseTime } = simulateTrial(trial, measuredService, { cpus: 2, objective }).measurement;
    assert.ok(Math.abs((throughput * (meanOf(responseTime) + 0.1)) / users - 1) < 0.02);
  }
});

test('a load is stopped when it is told to, and what it was until then is what is scored', () => {
  const trial = trialWith({ topology: 'sync', load: { model: 'open', arrivalRate: 300 } });
  const { measurement, elapsed } = simulateTrial(trial, measuredService, {
    cpus: 2,
    objective,
    onProgress: ({ time }) => (time >= 5 ? 'stop' : 'go-on'),
  });
  assert.equal(measurement.stoppedEarly, true);
  assert.equal(measurement.observed, 3);
  assert.ok(Math.abs(measurement.scored / 900 - 1) < 0.15);
  assert.ok(elapsed < 5 + 2.5 + 0.1);
});

test('who waits for longer than the time limit gives up, and is counted as late and as failed', () => {
  const trial = trialWith({ topology: 'sync', load: { model: 'open', arrivalRate: 300 } });
  const progress: { overObjective: number; failed: number }[] = [];
  const { measurement } = simulateTrial(trial, measuredService, {
    cpus: 2,
    objective,
    onProgress: seen => {
      progress.push(seen);
      return 'go-on';
    },
  });
  const { errors, neverAnswered, responseTime, scored } = measurement;
  assert.ok(neverAnswered > 1500);
  assert.equal(errors.timeout, neverAnswered);
  assert.equal(responseTime.count, scored);
  assert.equal(responseTime.max, 2.5);
  assert.equal(progress.at(-1)?.failed, neverAnswered);
  assert.equal(progress.at(-1)?.overObjective, countOverObjective(responseTime));
});

test('a request that keeps an event loop for long holds up the others of its worker', () => {
  const load = { model: 'open', arrivalRate: 20 } as const;
  const p99 = (requests: Parameters<typeof trialWith>[0]['requests'] & object) => {
    const trial = trialWith({ topology: 'async', requests, load, phases: { steadyState: 100 } });
    return simulateTrial(trial, measuredService, { cpus: 2, objective }).measurement.responseTime.max;
  };
  assert.ok(p99([waitRequest(20)]) < 0.05);
  assert.ok(p99([waitRequest(20, 19), cpuRequest(0.5, 1)]) > 0.5);
});

test('steadiness: users from their second requests on, an overload never, a burst has no steady state', () => {
  const steadyFrom = (words: TrialInWords) =>
    simulateTrial(trialWith(words), waitingAlone, { cpus: 2, objective }).measurement.steadyFrom;
  // One worker: the first 50 requests wait for 0.02, 0.04, … 1 s, and each one after them for 1 s.
  const users = steadyFrom({ topology: 'sync', processes: 1, load: { model: 'closed', users: 50, thinkTime: 0 } });
  assert.ok(typeof users === 'number' && Math.abs(users - 0.02) < 0.11, `${users} s`);
  const phases = { warmUp: 2, steadyState: 20, timeLimit: 1e6 };
  assert.equal(steadyFrom({ topology: 'sync', load: { model: 'open', arrivalRate: 150 }, phases }), null);
  assert.equal(steadyFrom({ topology: 'sync', load: { model: 'burst', requests: 500 } }), undefined);
});

test('trials differ by the noise between trials, and starts of the workers by the noise between blocks', () => {
  const load = { model: 'open', arrivalRate: 10 } as const;
  const seeds = Array.from({ length: 2000 }, (_, index) => index);
  const slowness = (betweenTrials: number, betweenBlocks: number, blocks: number) =>
    seeds.map(seed => {
      const trial = { ...trialWith({ topology: 'sync', load, seed }), block: seed };
      return drawSlowness(trial, { seed: 1, noise: { betweenTrials, betweenBlocks, source: 'assumed' }, blocks });
    });
  assert.ok(Math.abs(deviationOf(slowness(0.03, 0, 1).map(Math.log)) / 0.03 - 1) < 0.05);
  assert.ok(Math.abs(deviationOf(slowness(0, 0.05, 4).map(Math.log)) / 0.05 - 1) < 0.05);
  // Where workers are started once they are as slow in every block.
  assert.equal(new Set(slowness(0, 0.05, 1)).size, 1);
  assert.equal(new Set(slowness(0, 0, 4)).size, 1);
});
