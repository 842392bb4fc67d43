import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeOutcome } from './whole-outcome.ts';

const outcome = {
  figures: [{ name: 'throughput', value: 93, unit: '1/s' as const }],
  sentence: 'It is so.',
  answer: 1,
};
const agreeing = [{ topology: 'sync', nginx: 1000, k6: 1040 }] as const;
const comparing = { comparesCpus: true };

test('where nothing speaks against it an outcome has both counts beside its own figures', () => {
  assert.deepEqual(wholeOutcome(outcome, comparing, { disturbance: 0.1, counts: agreeing }), {
    figures: [
      ...outcome.figures,
      { name: 'answered, as nginx counted', topology: 'sync', value: 1000, unit: 'requests' },
      { name: 'answered, as k6 counted', topology: 'sync', value: 1040, unit: 'requests' },
    ],
    sentence: 'It is so.',
    answer: 1,
  });
});

test('counts that differ by more than a twentieth are told', () => {
  const counts = [...agreeing, { topology: 'hybrid', nginx: 940, k6: 1000 }] as const;
  const { sentence, answer } = wholeOutcome(outcome, {}, { disturbance: 0, counts });
  assert.equal(
    sentence,
    'It is so. The two counts of these requests differ by more than 5 % (hybrid: nginx 940, k6 1000), so take the figures with care.',
  );
  assert.equal(answer, 1);
});

test('other programs on the CPUs are told, and leave a comparison of CPUs without an answer when they are many', () => {
  const some = wholeOutcome(outcome, comparing, { disturbance: 0.4, counts: agreeing });
  assert.deepEqual(
    [some.sentence, some.answer],
    [
      'It is so. Before anything was sent, other programs kept the CPUs 40 % busy: on a quieter machine the figures are others.',
      1,
    ],
  );
  const many = wholeOutcome(outcome, comparing, { disturbance: 0.9, counts: agreeing });
  assert.deepEqual(
    [many.sentence, many.answer],
    ['It is so. Before anything was sent, other programs kept the CPUs 90 % busy, so nothing is decided here.', -2],
  );
  assert.equal(wholeOutcome(outcome, {}, { disturbance: 0.9, counts: agreeing }).answer, 1);
});
