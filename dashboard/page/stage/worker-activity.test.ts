import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seen } from './testdata/told.ts';
import { cutOff } from './worker-activity.ts';

test('while the database is away no worker is connected to it, whatever its counter says', () => {
  const workers = [seen({ inProgress: 2, connectionsInUse: 2, connections: 20 }), seen({ alive: false })];
  assert.deepEqual(cutOff(workers), [
    seen({ inProgress: 2, connectionsInUse: 0, connections: 20 }),
    seen({ alive: false }),
  ]);
});
