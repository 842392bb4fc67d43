import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c12-all-cpus-or-one.ts';
import { around, valuesOf } from './testdata/readings.ts';

const measured = (async: number, hybrid: number, { cpus = 2, hostCpus = 2, others = 0.2, spread = 0.01 } = {}) =>
  outcomeOf({ async: around(async, spread), hybrid: around(hybrid, spread) }, { cpus, hostCpus, others });

test('as much more as there are CPUs left is what the claim says', () => {
  const outcome = measured(190, 340);
  assert.equal(outcome.answer, 1);
  assert.equal(
    outcome.sentence,
    'One loop answered 190/s, a loop for each of 2 CPUs 340/s: 1.79 [1.77, 1.81] times as much, where k6, nginx and ' +
      'the rest left 1.8 CPUs.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'throughput/async': 190,
    'throughput/hybrid': 340,
    'hybrid ÷ async': 1.79,
    'CPUs that k6, nginx and the rest leave': 1.8,
  });
});

test('as much as one loop bears out the first guess, and the claim is not shown', () => {
  const outcome = measured(190, 192);
  assert.equal(outcome.answer, 0);
  assert.match(outcome.sentence, /left 1\.8 CPUs: that this is what the CPUs allow is not shown here\.$/);
});

test('more than one loop and far less than the CPUs allow bears out the third guess, more than they allow the last', () => {
  assert.equal(measured(190, 600, { cpus: 16, hostCpus: 16, others: 2 }).answer, 2);
  assert.equal(measured(190, 500).answer, 3);
});

test('on a machine that is too noisy it is undecided', () => {
  assert.equal(measured(190, 285, { spread: 0.3 }).answer, -2);
  assert.equal(measured(35, 105, { others: 1.6 }).answer, -2);
});

test('loops that may use two of eight CPUs are not disturbed by others that use three', () => {
  const outcome = measured(190, 380, { hostCpus: 8, others: 3 });
  assert.equal(valuesOf(outcome)['CPUs that k6, nginx and the rest leave'], 2);
  assert.equal(outcome.answer, 1);
});

test('loops that match the few CPUs that are left bear out the second guess, however many CPUs there are', () => {
  const outcome = measured(201, 271, { others: 0.73 });
  assert.equal(outcome.answer, 1);
  assert.match(outcome.sentence, /1\.35 .* left 1\.27 CPUs\.$/);
});
