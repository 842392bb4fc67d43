import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeSubnets } from './subnets.ts';

test('every range is free where nobody has one, but for the one of the reference', () => {
  const free = freeSubnets([]);
  assert.equal(free.length, 255);
  assert.ok(!free.includes('10.213.87'));
});

const cases: [what: string, taken: string, free: number][] = [
  ['one that is the same', '10.213.4.0/24', 254],
  ['one that holds several', '10.213.4.0/22', 251],
  ['one that holds all', '10.0.0.0/8', 0],
  ['a part of one', '10.213.4.128/25', 254],
  ['a single address in one', '10.213.4.7/32', 254],
  ['one beside them', '10.214.0.0/16', 255],
  ['everybody else’s', '172.17.0.0/16', 255],
  ['one of IPv6', 'fe80::1/64', 255],
];
for (const [what, taken, free] of cases) {
  test(`what overlaps is not free: ${what}`, () => {
    const left = freeSubnets([taken]);
    assert.equal(left.length, free);
    assert.equal(left.includes('10.213.4'), free === 255);
  });
}
