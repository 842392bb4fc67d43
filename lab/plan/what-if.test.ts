import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { waitingAlone } from '../simulation/service-model.ts';
import { measuredMachine } from './planned-machine.ts';
import type { Question } from './question.ts';
import { knownModel, objective, wait } from './testdata/fitted.ts';
import { changed, suppose, type WhatIfChange } from './what-if.ts';

const question: Question = {
  ...{ arrivalRate: 700, growth: 1, headroom: 0, objective, workload: wait },
  machine: { ...measuredMachine(2), databaseConnections: 100 },
};
const kept = { deployment: deploymentOf('sync', 2, { processes: 20 }), machines: 1 };

test('each change alters one thing, to a value or by a factor', () => {
  const cases: [WhatIfChange, (of: Question) => number | undefined, number][] = [
    [{ quantity: 'arrival-rate', times: 2 }, of => of.arrivalRate, 1400],
    [{ quantity: 'growth', value: 3 }, of => of.growth, 3],
    [{ quantity: 'cpus', value: 16 }, of => of.machine.cpus, 16],
    [{ quantity: 'database-connections', times: 0.5 }, of => of.machine.databaseConnections, 50],
    [{ quantity: 'memory', value: 8e9 }, of => of.machine.memory, 8e9],
    [{ quantity: 'database-wait', times: 2 }, of => of.machine.databaseWait, 2],
    [{ quantity: 'service-demand', times: 1.5 }, of => of.machine.serviceDemand, 1.5],
  ];
  for (const [change, figureOf, expected] of cases) {
    const then = changed(question, change);
    assert.equal(figureOf(then), expected, change.quantity);
    const altered = cases.filter(([, of]) => of(then) !== of(question)).length;
    assert.equal(altered, 1, change.quantity);
  }
});

test('what cannot be multiplied, parts of a CPU and nothing of anything are refused', () => {
  const cases: [WhatIfChange, RegExp][] = [
    [{ quantity: 'memory', times: 2 }, /memory is not limited/],
    [{ quantity: 'cpus', times: 1.25 }, /cpus is a whole number: 2.5/],
    [{ quantity: 'arrival-rate', value: Number.NaN }, /above 0: NaN/],
    [{ quantity: 'database-wait', times: -1 }, /above 0: -1/],
  ];
  for (const [change, message] of cases)
    assert.throws(() => changed(question, change), { name: 'RangeError', message });
});

test('the answers are as asked, for each change, and for all of them together', () => {
  const changes: WhatIfChange[] = [
    { quantity: 'database-wait', times: 2 },
    { quantity: 'arrival-rate', times: 0.5 },
  ];
  const supposed = suppose(knownModel(waitingAlone), question, kept, { changes });
  assert.deepEqual(
    supposed.map(({ changes }) => changes.map(({ quantity }) => quantity)),
    [[], ['database-wait'], ['arrival-rate'], ['database-wait', 'arrival-rate']],
  );
  assert.deepEqual(
    supposed.map(one => one.state === 'answered' && one.plan.required),
    [700, 700, 350, 350],
  );
});

test('where requests do nothing but wait, twice the wait leaves the deployment half its capacity, and the best needs twice the connections', () => {
  const changes: WhatIfChange[] = [{ quantity: 'database-wait', times: 2 }];
  const [now, then] = suppose(knownModel(waitingAlone), question, kept, { changes });
  assert.ok(now?.state === 'answered' && then?.state === 'answered');
  // 20 workers of 20 ms are used up at 1000/s.
  assert.ok(
    now.unchanged && now.unchanged.capacity > 950 && now.unchanged.capacity < 1000,
    `${now.unchanged?.capacity}`,
  );
  assert.ok(then.unchanged && then.unchanged.capacity > 475 && then.unchanged.capacity < 500);
  assert.deepEqual([now.unchanged.prediction.state, then.unchanged.prediction.state], ['stable', 'unstable']);
  assert.ok(now.unchanged.margin > 0.35 && then.unchanged.margin < -0.28);
  const connections = [now, then].map(({ plan }) => plan.recommendations[0]?.databaseConnections ?? 0);
  // Least is 700/s × 20 ms = 14, and 28.
  assert.ok((connections[0] ?? 0) >= 15 && (connections[0] ?? 0) <= 16, String(connections));
  assert.ok((connections[1] ?? 0) >= 29 && (connections[1] ?? 0) <= 31, String(connections));
});

test('what is recommended cannot be where the change leaves it too few connections', () => {
  const changes: WhatIfChange[] = [{ quantity: 'database-connections', value: 18 }];
  const [, then] = suppose(knownModel(waitingAlone), question, kept, { changes });
  assert.ok(then?.state === 'answered');
  assert.equal(then.unchanged, undefined);
  assert.ok(then.plan.recommendations.length > 0);
});

test('a change that leads too far beyond the measurements is not answered unless that is asked for', () => {
  const changes: WhatIfChange[] = [{ quantity: 'cpus', value: 16 }];
  const [, refused] = suppose(knownModel(), question, kept, { changes });
  assert.ok(refused?.state === 'too-far');
  assert.deepEqual(refused.extrapolations[0], {
    ...{ quantity: 'cpus', asked: 16, measured: { least: 2, most: 2 }, factor: 8, tooFar: true },
  });
  assert.equal(suppose(knownModel(), question, kept, { changes, extrapolate: true })[1]?.state, 'answered');
});
