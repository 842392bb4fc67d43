import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Trial } from '../../model/experiment.ts';
import { emptyHistogram, type Histogram, record } from '../../model/histogram.ts';
import type { Measurement, TrialResult, WorkerActivity } from '../../model/measurement.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { readTrials } from '../run/trials-file.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import type { Exercise, StackMeasurement } from './exercise.ts';
import { exercises } from './list.ts';
import { TrialFacts } from './trial-facts.ts';

const facts = new TrialFacts(readTrials(join(import.meta.dirname, '../../docs/exercises/trials.jsonl')));

/** What a trial is made up to have measured; `miss`: by how much it does not fit the answer. */
type MadeUp = (trial: Trial, answer: number, miss: number, objective: number) => Partial<Measurement>;

const REQUESTS = 1000;

/** So many responses, of which a part is late. */
function times(objective: number, time: number, late = 0): Histogram {
  const histogram = emptyHistogram(objective);
  record(histogram, time, REQUESTS * (1 - late));
  if (late > 0) record(histogram, 2 * objective, REQUESTS * late);
  return histogram;
}

function burstOf(requests: number, last: number): NonNullable<Measurement['responses']> {
  return Array.from({ length: requests }, (_, request) => ({
    request,
    responseTime: request === requests - 1 ? last : last / 2,
  }));
}

const worker: WorkerActivity = {
  ...{ name: 'one', completed: 1000, busy: 5, databaseWait: 0, connectionsHeld: 0, connectionWait: 0 },
  inProgress: { mean: 1, most: 1 },
};

const madeUp: Readonly<Record<number, { readonly of: MadeUp; readonly miss: number }>> = {
  1: { of: (_, answer, miss, objective) => ({ responseTime: times(objective, (answer / 500) * miss) }), miss: 1.2 },
  2: { of: (_, answer, miss) => ({ responses: burstOf(5, answer * miss) }), miss: 1.5 },
  3: {
    // Those that are one fewer need a wave more, unless they are as quick as the others.
    of: ({ cell: { deployment } }, answer, miss) => {
      const isFewer = deployment.topology === 'threads' && deployment.threadsPerProcess < answer;
      return { responses: burstOf(100, isFewer ? 1.6 * miss : 1.2) };
    },
    miss: 0.75,
  },
  4: { of: (_, answer, miss) => ({ throughput: answer * miss }), miss: 0.8 },
  5: {
    of: ({ cell: { deployment } }, answer, miss, objective) => ({
      responseTime: times(objective, objective / 2, deployment.threadsPerProcess === answer ? 0.005 * miss : 0.2),
    }),
    miss: 10,
  },
  7: {
    of: ({ cell: { deployment } }, answer, miss) => ({
      memory: { nginx: 0, workers: 1e7 + deployment.processes * (answer / 40) * miss, postgres: 0, k6: 0 },
    }),
    miss: 1.5,
  },
  8: {
    // Ten connections that carry what the answer supposes of each.
    of: (_, answer, miss) => ({ throughput: (10 * arrivalsOf8()) / (0.8 * (answer - 0.5)) / miss }),
    miss: 2,
  },
  9: { of: (_, answer, miss) => ({ throughput: answer * miss }), miss: 0.5 },
  10: {
    of: (_, answer, miss, objective) => ({
      workers: [worker],
      responseTime: times(objective, worker.busy / worker.completed + answer * miss),
    }),
    miss: 2,
  },
  11: { of: (_, __, miss, objective) => ({ responseTime: times(objective, objective / 2, 0.005 * miss) }), miss: 10 },
  12: { of: (_, __, miss, objective) => ({ responseTime: times(objective, objective / 2, 0.005 * miss) }), miss: 10 },
};

function arrivalsOf8(): number {
  const given = exercises[7]?.asked(facts).given.find(({ what }) => what === 'arrivals');
  return Number.parseFloat(given?.value ?? '');
}

/** A completed trial for each load on each deployment that is measured, with what was made up, and with more. */
function resultsOf(exercise: Exercise, measurement: StackMeasurement, miss: number, more: Partial<Measurement> = {}) {
  const text = JSON.stringify({ name: 'made-up', budget: 60, capacity: false, ...measurement.experiment(facts) });
  const experiment = parseExperiment(text, { file: 'made-up', cpus: facts.cpus });
  const { responseTime: objective } = experiment.objective;
  const { value } = exercise.answer(facts);
  return experiment.cells.flatMap(cell =>
    experiment.loads.map((load, position): TrialResult => {
      const phases = { ...experiment.phases, timeLimit: 1 };
      const trial: Trial = { id: 'made-up', purpose: 'load', cell, load, phases, seed: 1, block: 0, position };
      const own = madeUp[exercise.number]?.of(trial, value, miss, objective) ?? assert.fail('nothing is made up');
      const answered = { responseTime: times(objective, objective / 2) };
      const measured = { ...nothingMeasured(objective), ...answered, ...own, ...more };
      return { state: 'completed', trial, elapsed: 1, measurement: measured };
    }),
  );
}

for (const exercise of exercises) {
  const { number, measurement } = exercise;
  if ('nothing' in measurement) continue;
  const { miss } = madeUp[number] ?? assert.fail(`exercise ${number}`);
  const read = (by: number, more: Partial<Measurement> = {}) =>
    measurement.read(resultsOf(exercise, measurement, by, more), facts);

  test(`${number}: what comes out as computed agrees, and what does not does not`, () => {
    const [fitting, other] = [read(1), read(miss)];
    assert.equal(fitting.agrees, true, fitting.sentences.join(' '));
    assert.equal(other.agrees, false, other.sentences.join(' '));
    for (const { sentences } of [fitting, other]) {
      assert.ok(sentences.length > 0);
      for (const sentence of sentences) assert.doesNotMatch(sentence, /NaN|undefined|Infinity|\?/);
    }
  });

  test(`${number}: with requests that failed nothing agrees, and it is said`, () => {
    const errors = { ...nothingMeasured(1).errors, 'status-5xx': 3 };
    const { agrees, sentences } = read(1, { errors });
    assert.equal(agrees, false);
    assert.match(sentences.join(' '), /Requests that failed or were never answered: \d+\. So nothing is shown\./);
  });

  test(`${number}: where no request was answered nothing agrees, and it is said`, () => {
    const silence = { responseTime: emptyHistogram(1), responses: [], throughput: 0, workers: [] };
    const { agrees, sentences } = read(1, silence);
    assert.equal(agrees, false);
    assert.match(sentences.join(' '), /Not a single request was answered/);
  });
}

test('what was not measured is an error that says why', () => {
  const [first] = exercises;
  assert.ok(first && !('nothing' in first.measurement));
  const { measurement } = first;
  assert.throws(() => measurement.read([], facts), { code: 'nothing-measured', message: /there was no time for it/ });
});
