import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CapacityModel } from '../../../lab/plan/capacity-model.ts';
import { planFor } from '../../../lab/plan/plan.ts';
import { measuredMachine } from '../../../lab/plan/question.ts';
import { allowedInputs, questionFor } from './inputs.ts';
import { predictResponseCurve } from './response-curve.ts';
import { fittedToTwo } from './testdata/fitted.ts';

function curveAt(arrivalRate: number) {
  const plan = planFor(fittedToTwo, questionFor(allowedInputs({ arrivalRate }, fittedToTwo), fittedToTwo), {
    decide: 'formulas',
  });
  return { plan, curve: predictResponseCurve(plan, fittedToTwo) };
}

test('the curve has what the model says at each of its loads', () => {
  const { plan, curve } = curveAt(400);
  const [best] = plan.recommendations;
  assert.ok(curve && best);
  assert.deepEqual([curve.objective, curve.planned, curve.loads.length], [0.25, 400, 60]);
  const model = new CapacityModel(fittedToTwo, measuredMachine(2));
  for (const place of [0, 20, 40]) {
    const load = { model: 'open', arrivalRate: curve.loads[place] ?? 0 } as const;
    const one = model.estimate(best.deployment, plan.question.workload, load);
    assert.ok(one.state === 'stable');
    assert.equal(curve.median[place], one.responseTime.quantiles.p50);
    assert.equal(curve.atObjective[place], one.responseTime.quantiles.p99);
  }
  // It ends where more arrives than can be served.
  assert.deepEqual([curve.median.at(-1), curve.atObjective.at(-1)], [null, null]);
});

test('without a deployment that carries the load there is no curve', () => {
  assert.equal(curveAt(100_000).curve, undefined);
});
