import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './c1-one-more-than-it-serves.ts';
import { reading, valuesOf } from './testdata/readings.ts';

const burst = (...responseTimes: number[]) => outcomeOf(reading({ responseTimes, databaseWait: 0.2 }), 4);

test('four at once and one after two services are what the claim says', () => {
  const outcome = burst(0.202, 0.203, 0.204, 0.206, 0.41);
  assert.equal(outcome.answer, 2);
  assert.equal(
    outcome.sentence,
    'Of 5 requests at once, 4 were answered within about one service time (200 ms), and the last one after 410 ms, ' +
      'which is 2.05 service times.',
  );
  assert.deepEqual(valuesOf(outcome), {
    'one service/sync': 0.2,
    'all but the last answered after/sync': 0.206,
    'the last answered after/sync': 0.41,
  });
});

test('a last one that is answered with the others bears out the first guess, and the claim is not shown', () => {
  const outcome = burst(0.202, 0.203, 0.204, 0.206, 0.21);
  assert.equal(outcome.answer, 0);
  assert.match(
    outcome.sentence,
    /5 were answered within about one .* 1\.05 service times: with 4 workers the claim is not shown here\.$/,
  );
});

test('a last one after one and a half bears out the second guess, one after three the last', () => {
  assert.equal(burst(0.2, 0.2, 0.2, 0.2, 0.31).answer, 1);
  assert.equal(burst(0.2, 0.2, 0.2, 0.2, 0.61).answer, 3);
});

test('when two had to wait the claim is not shown, though the last one took two services', () => {
  const outcome = burst(0.2, 0.2, 0.2, 0.4, 0.41);
  assert.match(outcome.sentence, /^Of 5 requests at once, 3 were answered .* not shown here\.$/);
});
