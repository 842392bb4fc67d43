import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { answer, ask, fitted, inputs, isFinal, startThinking } from './answers.ts';
import { type PlanInputs, usualInputs } from './inputs.ts';
import { planOrRefusal } from './plan-or-refusal.ts';
import { questionOf } from './question-of.ts';
import { FakeWorker } from './testdata/fake-worker.ts';
import { fittedToTwo } from './testdata/fitted.ts';

before(FakeWorker.install);

/** The page's question, with what is asked in place of the usual; time stands still. */
function think(context: TestContext, asked: Partial<PlanInputs> = {}) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  fitted.value = fittedToTwo;
  inputs.value = { ...usualInputs(fittedToTwo), ...asked };
  context.after(startThinking());
  return planOrRefusal(
    { fitted: fittedToTwo, question: questionOf(inputs.value, fittedToTwo), extrapolate: false },
    'formulas',
  );
}

test('formulas answer at once; after a rest of 0.4 s the simulation is asked, and its answer takes their place', context => {
  const byFormulas = think(context);
  const before = FakeWorker.count;
  assert.deepEqual(answer.value, { by: 'formulas', ...byFormulas });
  context.mock.timers.tick(399);
  assert.equal(FakeWorker.count, before);
  context.mock.timers.tick(1);
  assert.equal(FakeWorker.count, before + 1);
  assert.equal(isFinal.value, false);
  FakeWorker.latest().say({ plan: { ...byFormulas.plan, required: 1 } });
  assert.deepEqual([answer.value?.by, answer.value?.plan?.required, isFinal.value], ['simulation', 1, true]);
});

test('a change takes the question back, and formulas answer again', context => {
  think(context);
  context.mock.timers.tick(400);
  const worker = FakeWorker.latest();
  ask({ arrivalRate: 401 });
  assert.equal(worker.ended, true);
  assert.deepEqual([answer.value?.by, answer.value?.plan?.required, isFinal.value], ['formulas', 401, false]);
});

test('a simulation that breaks down leaves the answer of the formulas, with what it broke down at', context => {
  const byFormulas = think(context);
  context.mock.timers.tick(400);
  FakeWorker.latest().breakDown('Uncaught RangeError: no');
  assert.deepEqual(answer.value, { by: 'formulas', ...byFormulas, broken: 'Uncaught RangeError: no' });
  assert.equal(isFinal.value, true);
  ask({ arrivalRate: 402 });
  assert.equal(answer.value?.broken, undefined);
});

test('what cannot be answered is not simulated, and is final once it has rested', context => {
  think(context, { objectiveMs: 1 });
  const before = FakeWorker.latest().asked.length;
  assert.match(answer.value?.refusal ?? '', /^No load can meet p99 ≤ 1 ms: /);
  assert.deepEqual([answer.value?.plan, isFinal.value], [undefined, false]);
  context.mock.timers.tick(400);
  assert.equal(isFinal.value, true);
  assert.equal(FakeWorker.latest().asked.length, before);
});
