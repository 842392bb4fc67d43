import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsOf, shownFigure, shownInterval } from './figure-groups.ts';

test('figures of one name stand together, on the scale of the greatest with its interval', () => {
  const pool = { name: 'throughput', id: 'sync', unit: '1/s', value: 93, low: 91, high: 95 } as const;
  const memory = { name: 'memory', id: 'sync', unit: 'bytes', value: 80e6 } as const;
  const loops = { name: 'throughput', id: 'hybrid', unit: '1/s', value: 90, low: 80, high: 100 } as const;
  assert.deepEqual(groupsOf([pool, memory, loops]), [
    { name: 'throughput', figures: [pool, loops], greatest: 100 },
    { name: 'memory', figures: [memory], greatest: 80e6 },
  ]);
});

test('figures of one unit share a scale though their names differ, and a part of a whole is drawn on all of it', () => {
  const service = { name: 'one service', id: 'sync', unit: 's', value: 0.202 } as const;
  const last = { name: 'the last answered after', id: 'sync', unit: 's', value: 0.407 } as const;
  const busy = { name: 'CPUs busy', id: 'sync', unit: 'fraction', value: 0.12 } as const;
  assert.deepEqual(
    groupsOf([service, last, busy]).map(({ greatest }) => greatest),
    [0.407, 0.407, 1],
  );
});

test('a figure is shown with its unit, and its interval where it has one', () => {
  const cases = [
    ['', 1.036, '1.04'],
    ['1/s', 1852, '1,850/s'],
    ['s', 0.0213, '21.3 ms'],
    ['bytes', 118e6, '118 MB'],
    ['fraction', 0.934, '93 %'],
    ['requests', 1204, '1,204'],
  ] as const;
  for (const [unit, value, shown] of cases) assert.equal(shownFigure({ unit, value }), shown);
  assert.equal(shownInterval({ name: 'x', unit: '1/s', value: 93, low: 91.2, high: 94.8 }), '91.2/s to 94.8/s');
  assert.equal(shownInterval({ name: 'x', unit: '1/s', value: 93 }), undefined);
});
