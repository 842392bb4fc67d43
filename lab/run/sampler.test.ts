import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleSessions } from '../probe/sessions.ts';
import { type Observer, Sampler } from './observation.ts';

import { none, nothingRead } from './testdata/nothing-read.ts';

/** An observer of one worker that holds 1, 2, 3, … requests, which tells when it has been looked at so often. */
function counting(times: number, sessions: () => Promise<RoleSessions | null>) {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const observer: Observer = {
    read: async () => nothingRead,
    readOthers: async () => [],
    memory: async () => none,
    async held() {
      looks++;
      if (looks >= times) resolve();
      return new Map([['sync-1.1', looks]]);
    },
    sessions,
  };
  return { observer, seen, looks: () => looks };
}

const burst = { model: 'burst', requests: 10 } as const;

test('what was seen at several moments becomes its mean and its most', async () => {
  const { observer, seen } = counting(3, async () => ({ active: 4, inUse: 5, open: 9 }));
  const sampler = new Sampler(observer, burst, nothingRead);
  await seen;
  const { held, activeBackends, connectionsInUse } = await sampler.stop();
  assert.deepEqual(held.get('sync-1.1'), { mean: 2, most: 3 });
  assert.deepEqual(activeBackends, { mean: 4, most: 4 });
  assert.deepEqual(connectionsInUse, { mean: 5, most: 5 });
});

test('once it is stopped nothing looks any more', async () => {
  const { observer, seen, looks } = counting(1, async () => null);
  const sampler = new Sampler(observer, burst, nothingRead);
  await seen;
  const { activeBackends, connectionsInUse } = await sampler.stop();
  assert.deepEqual([activeBackends, connectionsInUse], [null, null]);
  assert.equal(looks(), 1);
  assert.equal(process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length, 0);
});

test('a look that fails is passed over', async () => {
  const { observer, seen } = counting(2, () => Promise.reject(new Error('away')));
  const sampler = new Sampler(observer, burst, nothingRead);
  await seen;
  const { held, activeBackends } = await sampler.stop();
  assert.deepEqual(held.get('sync-1.1'), { mean: 1.5, most: 2 });
  assert.equal(activeBackends, null);
});
