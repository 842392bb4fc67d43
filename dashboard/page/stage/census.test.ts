import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayCensus, summarizeCensus } from './census.ts';
import { seen } from './testdata/told.ts';

test('a deployment is announced in words: what waits, what its workers do, what is answered', () => {
  const workers = [
    seen({ computing: 0.9, inProgress: 1 }),
    seen({ computing: 0.1, inProgress: 1, connectionsInUse: 1 }),
    seen({ alive: false }),
    seen(),
  ];
  assert.equal(
    sayCensus({ waiting: 312, workers }, 86.4),
    '312 waiting, 4 workers with 2 requests (1 computing, 1 waiting for database, 1 gone), 86 answered per second',
  );
  assert.equal(
    sayCensus({ waiting: 0, workers: [seen()] }, undefined),
    'no requests waiting, 1 worker with 0 requests',
  );
});

test('a deployment is announced when it comes to rest or goes on, not when a worker is idle between two requests', () => {
  const busy = { waiting: 0, workers: [seen({ inProgress: 1 })] };
  const idle = { waiting: 0, workers: [seen()] };
  assert.notEqual(summarizeCensus(busy, 0), summarizeCensus(idle, 0), 'the last requests are answered');
  assert.equal(summarizeCensus(busy, 60), summarizeCensus(idle, 60));
  assert.notEqual(summarizeCensus(idle, 0), summarizeCensus(idle, 60), 'it goes on');
  assert.equal(summarizeCensus(idle, undefined), summarizeCensus(idle, 60), 'how much is answered is not known yet');
});
