import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import type { Trial } from '../../model/experiment.ts';
import { emptyHistogram, record } from '../../model/histogram.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import { type PlanOptions, parseQuestion, parseWorkload } from '../cli/plan-options.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { readTrials } from '../run/trials-file.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import { computeMemory } from '../simulation/service-model.ts';
import { asShown, checkAnswer } from './answer.ts';
import { exercises } from './exercises.ts';
import { launchQuestion } from './measured-solutions.ts';
import { closedPool, simulatedWait } from './testdata/queues.ts';
import { TrialFacts } from './trial-facts.ts';

const facts = new TrialFacts(readTrials(join(import.meta.dirname, '../../docs/exercises/trials.jsonl')));
const answers = new Map(exercises.map(({ number, answer }) => [number, answer(facts)]));

function solveExercise(number: number): number {
  return answers.get(number)?.value ?? assert.fail(`exercise ${number}`);
}

const units: Readonly<Record<string, number>> = { µs: 1e-6, ms: 1e-3, s: 1, '/s': 1, MB: 1e6, GB: 1e9, '%': 0.01 };

/** A figure as the question of an exercise prints it, in seconds, per second, bytes or as a fraction. */
function givenTo(number: number): (what: string) => number {
  const all = exercises[number - 1]?.asked(facts).given ?? [];
  return what => {
    const text = all.find(one => one.what.includes(what))?.value ?? assert.fail(`${what} in exercise ${number}`);
    const [, digits = '', unit = ''] = /^([\d.]+) ?(µs|ms|s|\/s|MB|GB|%)?/.exec(text) ?? [];
    return Number(digits) * (units[unit] ?? 1);
  };
}

/** Each exercise with nothing but what is printed; `r` is done with each result on the way. */
const byHand: Readonly<Record<number, (given: (what: string) => number, r: (value: number) => number) => number>> = {
  1: (given, r) => r(given('people inside') / r(given('clerks') / given('time with a clerk'))),
  2: (given, r) => r(Math.ceil(given('clients') / given('blocking workers')) * given('keeps its worker')),
  3: (given, r) => Math.ceil(r(given('requests') / Math.ceil(r(given('requests') / given('connections'))))),
  4: (given, r) => r(given('workers') / r(given('busy workers') / given('completed'))),
  5: (given, r) => {
    const [arrivals, service, wait] = [given('arrivals'), given('keeps its worker'), given('longer waits')];
    const traffic = r(arrivals * service);
    for (let workers = Math.floor(traffic) + 1; ; workers++) {
      let blocked = 1;
      for (let k = 1; k <= workers; k++) blocked = r((traffic * blocked) / r(k + traffic * blocked));
      const waits = r(blocked / r(1 - r(traffic / workers) * (1 - blocked)));
      if (r(waits * Math.exp(-r(workers / service - arrivals) * wait)) <= given('for at most')) return workers;
    }
  },
  6: (given, r) => {
    const service = given('service time');
    const busy = r(given('arrivals') * service);
    let [low, high] = [0, busy];
    for (let halving = 0; halving < 40; halving++) {
      const middle = (low + high) / 2;
      if (Math.exp(-(1 - middle) / busy) > middle) low = middle;
      else high = middle;
    }
    const waiting = r(low);
    return r(r((busy * service) / r(1 - busy)) / r((waiting * service) / r(1 - waiting)));
  },
  7: (given, r) => {
    const all = exercises[6]?.asked(facts).given ?? [];
    const processes = all.map(({ what }) => /^(\d+) blocking processes/.exec(what)?.[1]).find(Boolean);
    return r(given('requests in the database') * r(given('blocking processes') / Number(processes)));
  },
  8: (given, r) => {
    const hold = r(given('seconds of connections') / given('completed'));
    return Math.ceil(r(r(given('arrivals') * hold) / given('in use at most')));
  },
  9: (given, r) => r(given('blocking workers') / given('keeps its worker')),
  10: (given, r) => {
    const [light, heavy, part] = [given('a light request'), given('a heavy one'), given('part of heavy')];
    const busy = r(given('arrivals') * r((1 - part) * light + part * heavy));
    const squares = r((1 - part) * light ** 2 + part * heavy ** 2);
    return r((given('arrivals') * squares) / r(2 * (1 - busy)));
  },
  11: (given, r) => Math.ceil(r(given('arrivals') / given('its interval'))) + 1,
  // The fewest that can be enough; only a simulation shows how many are.
  12: (given, r) => {
    const required = r(r(given('today') * given('growth')) / (1 - given('headroom')));
    return (Math.floor(r(required * given('holds its connection')) / given('loops')) + 1) * given('loops');
  },
};

for (const { number, title, unit, answer } of exercises) {
  test(`${number}: the printed figures lead to the answer of ${title}, rounded on the way or not`, () => {
    for (const rounding of [(value: number) => value, asShown]) {
      const found = byHand[number]?.(givenTo(number), rounding) ?? assert.fail(`exercise ${number}`);
      assert.deepEqual(checkAnswer(found, answer(facts), unit), { right: true }, `${found}`);
    }
  });
}

test('simulations and other measurements give the same answers', () => {
  const close = (number: number, found: number, tolerance: number) =>
    assert.ok(
      Math.abs(solveExercise(number) / found - 1) <= tolerance,
      `${number}: ${solveExercise(number)} is not ${found}`,
    );
  const counter = { servers: 4, customers: 10, service: () => 120 };
  close(1, closedPool(counter, 20_000).responseTime, 0.001);
  close(1, closedPool({ ...counter, service: random => 120 * random.exponential() }, 100_000).responseTime, 0.01);
  close(4, facts.overloaded(facts.blockingProcesses)?.throughput ?? Number.NaN, 0.08);
  const [service, gap] = [0.02, 1 / givenTo(6)('arrivals')];
  const wait = (even: boolean) =>
    simulatedWait(
      random => gap * (even ? 1 : random.exponential()),
      random => service * random.exponential(),
      2e6,
    );
  close(6, wait(false) / wait(true), 0.05);
  close(7, computeMemory(deploymentOf('sync', 40), facts.fitted.service.memory, 40).workers, 0.1);
  const hold = givenTo(9)('keeps its worker');
  close(9, closedPool({ servers: 19, customers: 100, service: () => hold }, 20_000).throughput, 0.005);
  const light = givenTo(10)('a light request');
  const blocked = simulatedWait(
    random => random.exponential() / 100,
    random => (random.next() < 0.1 ? 0.05 : light),
    1e6,
  );
  close(10, blocked, 0.02);
});

test('8: the number of connections is far from where the next one begins', () => {
  const given = givenTo(8);
  const exact = (given('arrivals') * given('seconds of connections')) / given('completed') / given('in use at most');
  assert.ok(exact % 1 > 0.25 && exact % 1 < 0.75, `${exact}`);
});

test('12: another simulation finds the planned deployment enough, and one with clearly fewer connections not', () => {
  const isMet = (connections: number, arrivalRate: number) => {
    const deployment = deploymentOf('hybrid', facts.cpus, { databaseConnections: connections });
    const effort = { seed: 99, requests: 12_000, replications: 2 };
    const prediction = facts.model.predict(deployment, facts.waits, { model: 'open', arrivalRate }, effort);
    return prediction.state === 'stable' && prediction.met;
  };
  assert.ok(isMet(solveExercise(12), 970), 'enough');
  assert.ok(!isMet(solveExercise(12) - 2 * facts.cpus, 1000), 'too few');
});

test('12: the command puts the same question to the planner', () => {
  const command = answers
    .get(12)
    ?.steps.map(step => /\.\/loadline plan \S+ (--.*)$/.exec(step)?.[1])
    .find(Boolean);
  const pairs = [...(command ?? '').matchAll(/--([a-z0-9-]+) (\S+)/g)].map(([, name = '', value]) => [
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const { workload: named, ...options }: PlanOptions = Object.fromEntries(pairs);
  const { workload, ...asked } = launchQuestion(facts);
  const { objective, cpus, fitted } = facts;
  assert.deepEqual(parseQuestion(options, { objective, cpus, topologies: fitted.topologies }), asked);
  assert.deepEqual(parseWorkload(named, fitted.workloads), workload);
});

test('each mistake is wrong and gets its own hint, and no hint says the answer', () => {
  for (const { number, unit, hints } of exercises) {
    const answer = answers.get(number) ?? assert.fail();
    assert.ok(hints.length >= 2 && answer.mistakes.length >= 2, `${number}`);
    for (const { value, hint } of answer.mistakes) {
      const checked = checkAnswer(value, answer, unit);
      assert.deepEqual(checked.right ? 'right' : checked.hint, hint, `${value} in exercise ${number}`);
    }
    const shown = new RegExp(`(?<![\\d.])${asShown(answer.value)}(?![\\d.])`);
    for (const text of [...hints, ...answer.mistakes.map(({ hint }) => hint)]) assert.doesNotMatch(text, shown);
  }
});

/** What a trial of a size measured, made up so that it fits the answer; with a `miss` other than 1 it does not. */
type MadeUp = (made: { deployment: Deployment; answer: number; miss: number }) => Partial<Measurement> & {
  /** The response time, half of the objective if absent, and the part of responses over the objective. */
  readonly time?: number;
  readonly late?: number;
};

function burst(requests: number, last: number): Partial<Measurement> {
  return { responses: Array.from({ length: requests }, (_, request) => ({ request, responseTime: last })) };
}

function workersMemory(workers: number): Partial<Measurement> {
  return { memory: { nginx: 0, workers, postgres: 0, k6: 0 } };
}

const worker = {
  ...{ name: 'one', completed: 1000, busy: 5, databaseWait: 0, connectionsHeld: 0, connectionWait: 0 },
  inProgress: { mean: 1, most: 1 },
};
const arrivalsOf8 = givenTo(8)('arrivals');
const madeUp: Readonly<Record<number, readonly [miss: number, MadeUp]>> = {
  1: [1.2, ({ answer, miss }) => ({ time: (answer / 500) * miss })],
  2: [1.5, ({ answer, miss }) => burst(5, answer * miss)],
  3: [
    0.75,
    ({ deployment, answer, miss }) => burst(100, deployment.threadsPerProcess === answer - 1 ? 1.6 * miss : 1.2),
  ],
  4: [0.8, ({ answer, miss }) => ({ throughput: answer * miss })],
  5: [10, ({ deployment, answer, miss }) => ({ late: deployment.threadsPerProcess < answer ? 0.2 : 0.005 * miss })],
  7: [1.5, ({ deployment, answer, miss }) => workersMemory(1e7 + deployment.processes * (answer / 40) * miss)],
  8: [2, ({ answer, miss }) => ({ throughput: (10 * arrivalsOf8) / (0.8 * (answer - 0.5)) / miss })],
  9: [0.5, ({ answer, miss }) => ({ throughput: answer * miss })],
  10: [2, ({ answer, miss }) => ({ workers: [worker], time: worker.busy / worker.completed + answer * miss })],
  11: [10, ({ miss }) => ({ late: 0.005 * miss })],
  12: [10, ({ miss }) => ({ late: 0.005 * miss })],
};

for (const { number, measurement, answer } of exercises) {
  if ('nothing' in measurement) continue;
  test(`${number}: a measurement agrees when it comes out as computed, without failures`, () => {
    const [miss, make] = madeUp[number] ?? assert.fail(`exercise ${number}`);
    const text = JSON.stringify({ name: 'made-up', budget: 60, capacity: false, ...measurement.experiment(facts) });
    const experiment = parseExperiment(text, { file: 'made-up', cpus: facts.cpus });
    const limit = experiment.objective.responseTime;
    const agrees = (by: number, more: Partial<Measurement> = {}) => {
      const results = experiment.cells.flatMap(cell =>
        experiment.loads.map((load, position): TrialResult => {
          const phases = { ...experiment.phases, timeLimit: 1 };
          const trial: Trial = { id: 'made-up', purpose: 'load', cell, load, phases, seed: 1, block: 0, position };
          const made = { deployment: cell.deployment, answer: answer(facts).value, miss: by };
          const { time = limit / 2, late = 0, ...own } = make(made);
          const responseTime = emptyHistogram(limit);
          record(responseTime, time, 1000 * (1 - late));
          if (late > 0) record(responseTime, 2 * limit, 1000 * late);
          return {
            ...{ state: 'completed', trial, elapsed: 1 },
            measurement: { ...nothingMeasured(limit), responseTime, ...own, ...more },
          };
        }),
      );
      const { agrees: itAgrees, sentences } = measurement.read(results, facts);
      if (more.throughput === undefined) assert.doesNotMatch(sentences.join(' '), /NaN|undefined|Infinity|\?/);
      return itAgrees;
    };
    const errors = { ...nothingMeasured(1).errors, 'status-5xx': 3 };
    assert.deepEqual([agrees(1), agrees(miss), agrees(1, { errors })], [true, false, false]);
    const silence = { responseTime: emptyHistogram(1), responses: [], throughput: 0, workers: [] };
    assert.equal(agrees(1, silence), false);
    assert.throws(() => measurement.read([], facts), { code: 'nothing-measured' });
  });
}
