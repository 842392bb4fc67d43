import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../protocol.ts';
import { describeSituation, listed } from './wording.ts';

const settings: Settings = {
  deployments: ['sync', 'hybrid'],
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

const cases: [part: Partial<Settings>, load: string, task: string][] = [
  [{}, 'sync and hybrid each get 60 requests a second', 'waits 20 ms in the database'],
  [{ deployments: ['async'] }, 'async gets 60 requests a second', 'waits 20 ms in the database'],
  [
    { deployments: ['sync'], load: { model: 'open', arrivalRate: 0 } },
    'sync gets a burst when you press “Show me”',
    'waits 20 ms in the database',
  ],
  [
    {
      load: { model: 'closed', users: 1, thinkTime: 0.5 },
      workload: { route: 'work', parameters: { units: 40, ms: 10, reads: 2 } },
    },
    'sync and hybrid each get the requests of 1 user with 0.5 s of think time',
    'computes 40 units, reads 2 rows and waits 10 ms',
  ],
];
test('the situation says which deployments get which load, and what a request does', () => {
  for (const [part, load, task] of cases) {
    assert.equal(
      describeSituation({ ...settings, ...part }, id => id),
      `${load}; each request ${task}.`,
    );
  }
  assert.equal(listed(['sync', 'async', 'hybrid']), 'sync, async and hybrid');
});
