import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { answer, ask, fitted, inputs, isFinal, startSimulating } from './answers.ts';
import { type PlanInputs, questionFor, usualInputs } from './inputs.ts';
import { planOrRefuse } from './planner.ts';
import { fittedToTwo } from './testdata/fitted.ts';

/** Stands in for the browser's worker. */
class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage?: (event: { data: unknown }) => void;
  onerror?: (event: { message?: string }) => void;
  isEnded = false;

  constructor() {
    FakeWorker.made.push(this);
  }

  postMessage(): void {}

  terminate(): void {
    this.isEnded = true;
  }
}
Object.assign(globalThis, { Worker: FakeWorker });

/** Asks a question while time stands still; returns what formulas answer, and how to let it rest. */
function start(context: TestContext, asked: Partial<PlanInputs> = {}) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  FakeWorker.made = [];
  fitted.value = fittedToTwo;
  inputs.value = { ...usualInputs(fittedToTwo), ...asked };
  context.after(startSimulating());
  const question = questionFor(inputs.value, fittedToTwo);
  const byFormulas = planOrRefuse({ fitted: fittedToTwo, question, extrapolate: false }, 'formulas');
  const rest = (): FakeWorker | undefined => {
    context.mock.timers.tick(400);
    return FakeWorker.made.at(-1);
  };
  return { byFormulas, rest };
}

test('formulas answer at once; after 0.4 s without a change a simulation takes their place', context => {
  const { byFormulas, rest } = start(context);
  assert.deepEqual(answer.value, { by: 'formulas', ...byFormulas });
  context.mock.timers.tick(399);
  assert.equal(FakeWorker.made.length, 0);
  const worker = rest();
  assert.equal(isFinal.value, false);
  worker?.onmessage?.({ data: { plan: { ...byFormulas.plan, required: 1 } } });
  assert.deepEqual([answer.value?.by, answer.value?.plan?.required, isFinal.value], ['simulation', 1, true]);
  assert.equal(worker?.isEnded, true);
});

test('a change ends the simulation, and formulas answer again', context => {
  const worker = start(context).rest();
  ask({ arrivalRate: 401 });
  assert.equal(worker?.isEnded, true);
  assert.deepEqual([answer.value?.by, answer.value?.plan?.required, isFinal.value], ['formulas', 401, false]);
});

for (const [message, failure] of [
  ['Uncaught RangeError: no', 'Uncaught RangeError: no'],
  [undefined, 'It did not start.'],
] as const) {
  test(`a simulation that fails leaves the answer of the formulas: ${failure}`, context => {
    const { byFormulas, rest } = start(context);
    rest()?.onerror?.({ ...(message && { message }) });
    assert.deepEqual(answer.value, { by: 'formulas', ...byFormulas, failure });
    assert.equal(isFinal.value, true);
    ask({ arrivalRate: 402 });
    assert.equal(answer.value?.failure, undefined);
  });
}

test('a refused question is not simulated', context => {
  const { byFormulas, rest } = start(context, { objectiveMs: 1 });
  assert.deepEqual([byFormulas.plan, isFinal.value], [undefined, false]);
  assert.equal(rest(), undefined);
  assert.deepEqual([answer.value?.refusal, isFinal.value], [byFormulas.refusal, true]);
});
