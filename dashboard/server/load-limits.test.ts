import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { DeploymentId, LiveLoad, LiveWorkload } from '../protocol.ts';
import type { SharedMachine } from '../work.ts';
import { burstRefusal, settingsRefusal } from './load-limits.ts';

const present: readonly DeploymentId[] = ['sync', 'threads', 'hybrid'];
const machineOf = (deployments: readonly DeploymentId[]): SharedMachine => ({
  deployments: deployments.map(id => ({ id, deployment: deploymentOf(id, 2) })),
  cpus: 2,
});
const machine = machineOf(present);
const wait: LiveWorkload = { route: 'wait', parameters: { ms: 20 } };
const open = (arrivalRate: number): LiveLoad => ({ model: 'open', arrivalRate });
const closed = (users: number, thinkTime = 1): LiveLoad => ({ model: 'closed', users, thinkTime });

const allowed: [sentence: string, deployments: readonly DeploymentId[], workload: LiveWorkload, load: LiveLoad][] = [
  ['the highest arrival rate', ['hybrid'], wait, open(1000)],
  ['three times what blocking workers can carry', ['sync', 'hybrid'], wait, open(300)],
  ['no arrivals', ['sync'], wait, open(0)],
  ['a third of all arrivals each', ['sync', 'threads', 'hybrid'], { route: 'plain', parameters: {} }, open(666)],
  ['the most users', ['sync'], wait, closed(500, 0)],
  ['a parameter that has a default', ['sync'], { route: 'items', parameters: {} }, open(5)],
  ['the longest wait at few arrivals', ['hybrid'], { route: 'wait', parameters: { ms: 5000 } }, open(8)],
  ['the most work at few arrivals', ['hybrid'], { route: 'cpu', parameters: { units: 40_000 } }, open(2)],
  ['a workload without work', ['sync'], { route: 'plain', parameters: {} }, open(1000)],
];

for (const [sentence, deployments, workload, load] of allowed) {
  test(`allowed: ${sentence}`, () => {
    assert.equal(settingsRefusal({ deployments, workload, load, running: true }, machine), undefined);
  });
}

const refused: [deployments: readonly DeploymentId[], workload: LiveWorkload, load: LiveLoad, sentence: string][] = [
  [[], wait, open(5), 'The stage cannot be empty: there are sync, threads, hybrid.'],
  [['async'], wait, open(5), 'async is not in this stack: there are sync, threads, hybrid.'],
  [['sync'], wait, open(1001), 'One id can be sent 0 to 1000 requests a second, not 1001.'],
  [['sync'], wait, open(-1), 'One id can be sent 0 to 1000 requests a second, not -1.'],
  [['sync'], wait, open(Number.NaN), 'One id can be sent 0 to 1000 requests a second, not NaN.'],
  [present, wait, open(667), 'Each of 3 deployments can be sent 0 to 666 requests a second, not 667.'],
  [
    ['sync', 'hybrid'],
    wait,
    open(301),
    'At 0.02 s of work for each request the workers would not come to rest for minutes: ask for 300 requests a second at most, or for less work.',
  ],
  [['sync'], wait, closed(0), 'At each topology there can be 1 to 500 users, not 0.'],
  [['sync'], wait, closed(501), 'At each topology there can be 1 to 500 users, not 501.'],
  [['sync'], wait, closed(1.5), 'At each topology there can be 1 to 500 users, not 1.5.'],
  [['sync'], wait, closed(5, 11), 'Users think for 0 to 10 s, not 11.'],
  [
    ['sync'],
    { route: 'wait', parameters: { ms: 5001 } },
    open(5),
    'ms of wait is a whole number from 0 to 5000, not 5001.',
  ],
  [['sync'], { route: 'wait', parameters: {} }, open(5), 'ms of wait is a whole number from 0 to 5000, not missing.'],
  [
    ['sync'],
    { route: 'item', parameters: { id: 0.5 } },
    open(5),
    'id of item is a whole number from 1 to 10000, not 0.5.',
  ],
  [['sync'], { route: 'plain', parameters: { ms: 1 } }, open(5), 'plain has no parameter ms: it has none.'],
  [['sync'], { route: 'wait', parameters: { ms: 1, units: 1 } }, open(5), 'wait has no parameter units: it has ms.'],
  [
    ['hybrid'],
    { route: 'wait', parameters: { ms: 5000 } },
    open(9),
    'At 5 s of work for each request the workers would not come to rest for minutes: ask for 8 requests a second at most, or for less work.',
  ],
  [
    ['threads'],
    { route: 'work', parameters: { units: 40_000, ms: 5000 } },
    closed(100),
    'At 7 s of work for each request the workers would not come to rest for minutes: ask for 20 users at most, or for less work.',
  ],
];

for (const [deployments, workload, load, sentence] of refused) {
  test(`refused: ${sentence}`, () => {
    assert.equal(settingsRefusal({ deployments, workload, load, running: true }, machine), sentence);
  });
}

test('one loop on many CPUs is not sent more than twice what its one thread computes', () => {
  const loop: SharedMachine = { deployments: [{ id: 'async', deployment: deploymentOf('async', 64) }], cpus: 64 };
  const workload: LiveWorkload = { route: 'cpu', parameters: { units: 40_000 } };
  const at = (load: LiveLoad) => settingsRefusal({ deployments: ['async'], workload, load, running: true }, loop);
  assert.equal(at(open(1)), undefined);
  assert.match(at(open(2)) ?? '', /ask for 1 requests a second at most/);
  assert.equal(at(closed(10)), undefined);
  assert.match(at(closed(11)) ?? '', /ask for 10 users at most/);
});

test('a burst is as large as its work allows', () => {
  assert.equal(burstRefusal(1000), undefined);
  assert.equal(burstRefusal(80, 80.5), undefined);
  assert.equal(burstRefusal(81, 80.5), 'A burst of this workload has 1 to 80 requests, not 81.');
  for (const requests of [0, -5, 1001, 2.5]) {
    assert.equal(burstRefusal(requests), `A burst of this workload has 1 to 1000 requests, not ${requests}.`);
  }
});
