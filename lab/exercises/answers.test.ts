import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { ToldMeasurement } from '../../model/measurement.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { readTrials } from '../run/trials-file.ts';
import { memoryOf } from '../simulation/service-model.ts';
import { checkAnswer } from './check-answer.ts';
import { exercises } from './list.ts';
import { closedPool, endsOfBurst, longerWaits, meanWaitOf } from './testdata/queues.ts';
import { shownFigure } from './testdata/shown-figure.ts';
import { TrialFacts } from './trial-facts.ts';

// Each answer a second time: by counting, by simulation, or from the lines of the file themselves.
const path = join(import.meta.dirname, '../../docs/exercises/trials.jsonl');
const facts = new TrialFacts(readTrials(path));
const lines: { trial?: { id: string }; measurement: ToldMeasurement }[] = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));

const answers = new Map(exercises.map(({ number, answer }) => [number, answer(facts)]));

function answerOf(number: number) {
  return answers.get(number) ?? assert.fail(`exercise ${number}`);
}

/** A figure that the question gives. */
function given(number: number, what: string): string {
  const all = exercises[number - 1]?.asked(facts).given ?? [];
  return all.find(one => one.what.startsWith(what))?.value ?? assert.fail(`${what} in exercise ${number}`);
}

/** The workers' counters of the trial that the question names. */
function workersOf(number: number): ToldMeasurement['workers'] {
  const id = given(number, 'the trial').split(',')[0];
  return lines.find(({ trial }) => trial?.id === id)?.measurement.workers ?? assert.fail(id);
}

function close(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual / expected - 1) <= tolerance, `${actual} is not ${expected}`);
}

test('1: ten people before four clerks stay as long as a simulation of them says', () => {
  const counter = { servers: 4, customers: 10, service: () => 120 };
  close(answerOf(1).value, closedPool(counter, 20_000).responseTime, 0.001);
  close(
    answerOf(1).value,
    closedPool({ ...counter, service: random => 120 * random.exponential() }, 100_000).responseTime,
    0.01,
  );
});

test('2: the last of five clients is answered when counting says so', () => {
  close(answerOf(2).value, Math.max(...endsOfBurst(Array(5).fill(0.2), 4)), 1e-9);
});

test('3: of all numbers of workers the answer is the first that is as quick as the loop', () => {
  const last = (servers: number) => Math.max(...endsOfBurst(Array(100).fill(0.4), servers));
  const first = Array.from({ length: 100 }, (_, index) => index + 1).find(
    workers => last(workers) <= last(40) * (1 + 1e-9),
  );
  assert.equal(answerOf(3).value, first);
});

test('4: the pool carries what its counters say, and about what it served when it was overloaded', () => {
  const workers = workersOf(4);
  const [busy, completed] = [
    workers.reduce((sum, one) => sum + one.busy, 0),
    workers.reduce((sum, one) => sum + one.completed, 0),
  ];
  close(answerOf(4).value, (workers.length * completed) / busy, 0.005);
  const served = facts.overloaded(facts.blockingProcesses);
  if (served !== undefined) close(answerOf(4).value, served.throughput, 0.08);
});

test('5: with as many workers few enough wait for long, state by state, and with one fewer too many', () => {
  const serviceTime = shownFigure(given(5, 'a request keeps'));
  const longer = (servers: number) => longerWaits({ arrivalRate: 150, serviceTime, servers }, 0.02);
  const { value } = answerOf(5);
  assert.ok(longer(value) <= 0.01 && longer(value - 1) > 0.01, `${longer(value)}, ${longer(value - 1)}`);
});

test('6: even arrivals wait by as much less as request after request says', () => {
  const gap = 1 / shownFigure(given(6, 'arrivals'));
  const service = (random: { exponential(): number }) => 0.02 * random.exponential();
  const poisson = meanWaitOf(random => gap * random.exponential(), service, 2e6);
  close(answerOf(6).value, poisson / meanWaitOf(() => gap, service, 2e6), 0.05);
});

test('7: forty processes take what the fitted model has for a deployment of forty', () => {
  const deployment = deploymentOf('sync', 40);
  close(answerOf(7).value, memoryOf(deployment, facts.fitted.service.memory, 40).workers, 0.1);
});

test('8: of all numbers of connections the answer is the first that is in use for no more than 80 %', () => {
  const arrivals = shownFigure(given(8, 'arrivals'));
  const workers = workersOf(8);
  const [held, completed] = [
    workers.reduce((sum, one) => sum + one.connectionsHeld, 0),
    workers.reduce((sum, one) => sum + one.completed, 0),
  ];
  const first = Array.from({ length: 1000 }, (_, index) => index + 1).find(
    connections => (arrivals * held) / completed <= 0.8 * connections,
  );
  assert.equal(answerOf(8).value, first);
});

test('9: a hundred clients get what a simulation of nineteen workers gives, below the published 950/s', () => {
  const hold = shownFigure(given(9, 'a request keeps its worker'));
  const { value } = answerOf(9);
  close(value, closedPool({ servers: 19, customers: 100, service: () => hold }, 20_000).throughput, 0.005);
  assert.ok(value < 950, `${value}`);
});

test('10: requests wait for a loop that computes as long as request after request says', () => {
  const light = shownFigure(given(10, 'a light request'));
  const wait = meanWaitOf(
    random => random.exponential() / 100,
    random => (random.next() < 0.1 ? 0.05 : light),
    1e6,
  );
  close(answerOf(10).value, wait, 0.02);
});

test('11: of all numbers of machines the answer is the first of which one may fail', () => {
  const [arrivals, low] = [given(11, 'arrivals'), given(11, 'its interval')].map(shownFigure) as [number, number];
  const first = Array.from({ length: 100 }, (_, index) => index + 2).find(machines => arrivals / (machines - 1) <= low);
  assert.equal(answerOf(11).value, first);
});

test('12: another simulation finds the planned deployment enough, and one with clearly fewer connections not', () => {
  const { value } = answerOf(12);
  const hybrid = (databaseConnections: number) => deploymentOf('hybrid', facts.cpus, { databaseConnections });
  const effort = { seed: 99, requests: 12_000, replications: 2 };
  const isMet = (connections: number, arrivalRate: number) => {
    const prediction = facts.model.predict(hybrid(connections), facts.waits, { model: 'open', arrivalRate }, effort);
    return prediction.state === 'stable' && prediction.met;
  };
  const required = (350 * 2) / 0.7;
  assert.ok(isMet(value, 0.97 * required), 'enough');
  assert.ok(!isMet(value - 2 * facts.cpus, required), 'too few');
});

test('no mistake that is told apart is right, and no two are the same: each gets its own hint', () => {
  for (const { number, unit } of exercises) {
    const answer = answerOf(number);
    for (const { value, hint } of answer.mistakes) {
      const checked = checkAnswer(value, answer, unit);
      assert.deepEqual(checked.right ? 'right' : checked.hint, hint, `${value} in exercise ${number}`);
    }
  }
});

test('hints and the words for mistakes do not say the answer', () => {
  for (const { number, hints } of exercises) {
    const { value, mistakes } = answerOf(number);
    const shown = new RegExp(`(?<![\\d.])${Number(value.toPrecision(3))}(?![\\d.])`);
    for (const text of [...hints, ...mistakes.map(({ hint }) => hint)]) assert.doesNotMatch(text, shown);
  }
});

for (const { number, measurement } of exercises) {
  if ('nothing' in measurement) continue;
  test(`${number}: what is measured is an experiment, of loads alone`, () => {
    const text = JSON.stringify({
      name: `exercise-${number}`,
      budget: 60,
      capacity: false,
      ...measurement.experiment(facts),
    });
    const { loads, cells } = parseExperiment(text, { file: `exercise ${number}`, cpus: 2 });
    assert.ok(
      loads.length * cells.length >= 1 && loads.length * cells.length <= 3,
      `${loads.length * cells.length} trials`,
    );
  });
}
