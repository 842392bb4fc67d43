import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driveWithK6, type LoadToDrive } from '../lab/run/generator.ts';
import { localK6 } from '../lab/runtimes/local/k6.ts';
import { meanOf, quantile } from '../model/histogram.ts';
import { PoissonArrivals } from '../model/poisson-arrivals.ts';
import { createRandom } from '../model/random.ts';
import { k6Path, runScript, runToOutcome, startServer } from './testdata/run.ts';

const signal = new AbortController().signal;

test('a server that stops for 1.4 s is seen by all who arrive meanwhile, and no arrival is lost', async () => {
  await using server = await startServer({ delayMs: 20 });
  const toDrive = openLoad(server.url, { arrivalRate: 200, steadyState: 5 });
  let stopped = false;
  const outcome = await driveWithK6(toDrive, {
    launch: localK6(k6Path),
    signal,
    onReport: ({ time }) => {
      if (time >= 2 && !stopped) {
        stopped = true;
        process.kill(server.pid, 'SIGSTOP');
        setTimeout(() => process.kill(server.pid, 'SIGCONT'), 1400);
      }
      return 'go-on';
    },
  });

  const due = dueIn(toDrive);
  assert.equal(outcome.sent, due.all);
  assert.equal(outcome.scored, due.scored);
  assert.equal(outcome.responseTime.count, due.scored);
  assert.equal(outcome.neverSent, 0);
  assert.deepEqual(outcome.errors, noErrors);
  assert.equal(outcome.inProgress.at(-1)?.requests, 0);
  const p99 = quantile(outcome.responseTime, 0.99);
  assert.ok(p99 > 1 && p99 < 1.6, `p99 is ${p99} s`);
  const p50 = quantile(outcome.responseTime, 0.5);
  assert.ok(p50 > 0.02 && p50 < 0.04, `p50 is ${p50} s`);
});

test('what is unanswered at the time limit is given up and counts as the time limit', async () => {
  await using server = await startServer({ delayMs: 5000 });
  const outcome = await runToOutcome('open.ts', {
    TARGET: server.url,
    ARRIVAL_RATE: 40,
    WARM_UP: 0,
    STEADY_STATE: 1,
    TIME_LIMIT: 0.4,
  });
  assert.ok(outcome.scored > 10);
  assert.equal(outcome.neverAnswered, outcome.scored);
  assert.deepEqual(outcome.errors, { ...noErrors, timeout: outcome.scored });
  assert.equal(outcome.responseTime.max, 0.4);
  assert.equal(meanOf(outcome.responseTime).toFixed(6), '0.400000');
  assert.ok(outcome.duration < 2, `it took ${outcome.duration} s`);
});

test('a service that is not there is counted, and nothing is logged about each request', async () => {
  const { output } = await runScript('open.ts', {
    TARGET: 'http://127.0.0.1:1',
    WARM_UP: 0,
    STEADY_STATE: 1,
    OUTPUT: 'json',
  });
  const outcome = JSON.parse(output);
  assert.ok(outcome.scored > 50);
  assert.equal(outcome.errors.connection, outcome.scored);
});

test('a load that is told to stop sends no more and waits for what is in progress', async () => {
  await using server = await startServer({ delayMs: 300 });
  let sentAtStop = 0;
  const outcome = await driveWithK6(openLoad(server.url, { arrivalRate: 100, steadyState: 20 }), {
    launch: localK6(k6Path),
    signal,
    onReport: ({ time, sent }) => {
      if (time < 1) return 'go-on';
      sentAtStop ||= sent;
      return 'stop';
    },
  });
  assert.equal(outcome.stoppedBy, 'order');
  assert.ok(outcome.duration < 3, `it took ${outcome.duration} s`);
  assert.ok(outcome.sent - sentAtStop < 80, `${outcome.sent - sentAtStop} were sent after the order`);
  assert.equal(outcome.responseTime.count, outcome.scored);
  assert.deepEqual(outcome.errors, noErrors);
});

test('a load whose control falls silent stops', async () => {
  await using server = await startServer({ delayMs: 5 });
  const begun = performance.now();
  const { output } = await runScript('open.ts', {
    TARGET: server.url,
    ARRIVAL_RATE: 20,
    STEADY_STATE: 60,
    SOURCES: 1,
    ORDERS: 'http://127.0.0.1:1/',
  });
  assert.match(output, /could not hand over/);
  const took = (performance.now() - begun) / 1000;
  assert.ok(took > 5 && took < 15, `it took ${took} s`);
});

const noErrors = { timeout: 0, connection: 0, 'status-4xx': 0, 'status-503': 0, 'status-504': 0, 'status-5xx': 0 };

function openLoad(target: string, { arrivalRate, steadyState }: { arrivalRate: number; steadyState: number }) {
  return {
    target,
    requests: [{ weight: 1, method: 'GET', path: '/plain' }],
    load: { model: 'open', arrivalRate },
    phases: { warmUp: 1, steadyState, timeLimit: 5 },
    objective: 0.25,
    seed: 11,
    sources: 2,
  } as const satisfies LoadToDrive;
}

/** The arrivals that are due in a load, drawn again from its seed. */
function dueIn({ load, phases, seed, sources }: ReturnType<typeof openLoad>): { all: number; scored: number } {
  const times = Array.from({ length: sources }, (_, index) => {
    const arrivals = new PoissonArrivals(createRandom(seed, index + 1, 'arrivals'), load.arrivalRate / sources);
    const taken: number[] = [];
    while (arrivals.due < phases.warmUp + phases.steadyState) taken.push(arrivals.take());
    return taken;
  }).flat();
  return { all: times.length, scored: times.filter(time => time >= phases.warmUp).length };
}
