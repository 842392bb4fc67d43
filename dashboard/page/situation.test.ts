import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../protocol.ts';
import { situationOf } from './situation.ts';

const settings: Settings = {
  deployments: ['sync', 'hybrid'],
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

test('the situation says who gets how much of what', () => {
  const cases: [Partial<Settings>, string][] = [
    [{}, 'sync and hybrid each get 60 requests a second; a request waits 20 ms in the database.'],
    [
      { deployments: ['sync'], load: { model: 'open', arrivalRate: 0 } },
      'sync gets a burst when you press “Show me”; a request waits 20 ms in the database.',
    ],
    [{ deployments: ['async'] }, 'async gets 60 requests a second; a request waits 20 ms in the database.'],
    [
      { load: { model: 'closed', users: 1, thinkTime: 0.5 } },
      'sync and hybrid each get the requests of 1 user with 0.5 s to think; a request waits 20 ms in the database.',
    ],
    [
      { workload: { route: 'cpu', parameters: { units: 100 } } },
      'sync and hybrid each get 60 requests a second; a request computes 100 units, about 5 ms.',
    ],
    [
      { workload: { route: 'work', parameters: { units: 40, ms: 10, reads: 2 } } },
      'sync and hybrid each get 60 requests a second; a request computes 40 units, reads 2 rows and waits 10 ms.',
    ],
  ];
  for (const [part, sentence] of cases)
    assert.equal(
      situationOf({ ...settings, ...part }, id => id),
      sentence,
    );
});
