import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { usualInputs } from './inputs.ts';
import type { Asked } from './plan-or-refusal.ts';
import { questionOf } from './question-of.ts';
import { FakeWorker } from './testdata/fake-worker.ts';
import { fittedToTwo } from './testdata/fitted.ts';
import { askThoroughly, type Simulated } from './thorough.ts';

before(FakeWorker.install);

const asked: Asked = {
  fitted: fittedToTwo,
  question: questionOf(usualInputs(fittedToTwo), fittedToTwo),
  extrapolate: false,
};
const refusal = { refusal: 'Nothing was measured.' };

/** A question, and what has come of it. */
function question() {
  const heard: Simulated[] = [];
  const takeBack = askThoroughly(asked, simulated => heard.push(simulated));
  const worker = FakeWorker.latest();
  return { heard, takeBack, worker };
}

test('an answer is handed on once, and its worker takes the next question', () => {
  const first = question();
  assert.deepEqual(first.worker.asked.at(-1), asked);
  first.worker.say(refusal);
  first.takeBack();
  assert.deepEqual(first.heard, [refusal]);
  assert.equal(first.worker.ended, false);
  const second = question();
  assert.equal(second.worker, first.worker);
  second.worker.say(refusal);
  assert.equal(first.heard.length, 1);
});

test('a question that is taken back ends its worker, of which nothing is heard any more; the next has another', () => {
  const first = question();
  first.takeBack();
  assert.equal(first.worker.ended, true);
  first.worker.say(refusal);
  first.worker.breakDown('too late');
  assert.deepEqual(first.heard, []);
  const second = question();
  assert.notEqual(second.worker, first.worker);
  second.worker.say(refusal);
  assert.deepEqual(second.heard, [refusal]);
});

const ways: readonly (readonly [way: string, act: (worker: FakeWorker) => void, broken: string])[] = [
  ['throws', worker => worker.breakDown('Uncaught RangeError: no'), 'Uncaught RangeError: no'],
  ['does not start', worker => worker.breakDown(undefined), 'It did not start.'],
  ['says what cannot be read', worker => worker.garble(), 'Its answer could not be read.'],
];
for (const [way, act, broken] of ways) {
  test(`a worker that ${way} is told of and ended, and the next question has another`, () => {
    const first = question();
    act(first.worker);
    assert.deepEqual(first.heard, [{ broken }]);
    assert.equal(first.worker.ended, true);
    const second = question();
    assert.notEqual(second.worker, first.worker);
    second.worker.say(refusal);
    assert.deepEqual(second.heard, [refusal]);
  });
}

test('where no worker can be made that is told too', context => {
  // The one that has come to rest takes a question, and no longer rests.
  question();
  FakeWorker.refuse(context, 'Workers are not allowed here.');
  const heard: Simulated[] = [];
  askThoroughly(asked, simulated => heard.push(simulated))();
  assert.deepEqual(heard, [{ broken: 'Workers are not allowed here.' }]);
});
