import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialResult } from '../../model/measurement.ts';
import { warningsOf } from '../explain/warnings.ts';
import { foundWarmUp, withFoundWarmUp } from './found-warm-up.ts';
import { searchTrial } from './planned-trial.ts';
import { experimentOf, trialAt, waitOn } from './testdata/cells.ts';
import { simulate } from './testdata/simulated-service.ts';

const cell = waitOn('sync');
const experiment = experimentOf([cell]);
const service = { serviceTime: 0.021, cpuPerRequest: 0.0001, cpus: 1000 };

/** Trials of the cell at a load, each of which became steady at that moment. */
function trialsAt(arrivalRate: number, moments: readonly (number | null)[]): TrialResult[] {
  return moments.map((steadyFrom, index) => {
    const result = simulate(trialAt(arrivalRate, cell, { seed: index + 1 }), service, experiment);
    if (result.state !== 'completed') throw new RangeError('the trial is completed');
    return { ...result, measurement: { ...result.measurement, steadyFrom } };
  });
}

const planned = searchTrial(cell, { purpose: 'capacity', arrivalRate: 60, describes: false }, experiment);
const carried = 40;

const cases: [what: string, results: TrialResult[], warmUp: number][] = [
  ['two trials are too few to be believed', trialsAt(carried, [6, 6]), 2],
  ['three that were steady late make the next warm-up longer', trialsAt(carried, [6, 5, 7]), 6],
  ['one in three is chance', trialsAt(carried, [0.2, 0.1, 7]), 2],
  ['half of four is chance too', trialsAt(carried, [0, 1, null, null]), 2],
  ['a warm-up becomes five times as long at most', trialsAt(carried, [null, null, 7]), 10],
  ['overloads are never steady, and not asked', trialsAt(200, [null, null, null, null]), 2],
];
for (const [what, results, warmUp] of cases) {
  test(what, () => {
    assert.deepEqual(withFoundWarmUp(planned, results, experiment), {
      ...planned,
      phases: { ...planned.phases, warmUp },
    });
  });
}

test('a look at hardly any load, and a burst, stay as they are', () => {
  const results = trialsAt(carried, [6, 6, 6]);
  const light = searchTrial(cell, { purpose: 'light' }, experiment);
  assert.equal(withFoundWarmUp(light, results, experiment), light);
  const burst = { ...planned, load: { model: 'burst', requests: 9 } } as const;
  assert.equal(withFoundWarmUp(burst, results, experiment), burst);
});

test('where nobody looked for a warm-up none is found', () => {
  const results = [1, 2, 3].map(seed => simulate(trialAt(carried, cell, { seed }), service, experiment));
  assert.equal(foundWarmUp(cell, results, experiment), undefined);
});

test('a warm-up that was planned too short is said', () => {
  const said = (moments: (number | null)[]) =>
    warningsOf(experiment, trialsAt(carried, moments)).filter(({ kind }) => kind === 'warm-up-short');
  assert.deepEqual(said([0, 1, 1.9]), []);
  assert.deepEqual(said([6, 5, 7]), [
    {
      kind: 'warm-up-short',
      message:
        'Loads that wait on sync-2x1-2 carries were steady only 6 s after their begin, and its first trials were scored from 2 s on: warm up for longer, phases: { warmUp: 6s }.',
    },
  ]);
  assert.match(String(said([null, null, null])[0]?.message), /were not steady by their end.*phases: \{ warmUp: 10s \}/);
});
