import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../model/random.ts';
import { describeAnswer, describeFailure, isUnanswered, RequestMix } from './requests.ts';

const answers: [status: number, error: string | undefined][] = [
  [200, undefined],
  [304, undefined],
  [404, 'status-4xx'],
  [429, 'status-4xx'],
  [500, 'status-5xx'],
  [502, 'status-5xx'],
  [503, 'status-503'],
  [504, 'status-504'],
];
for (const [status, error] of answers) {
  test(`an answer of status ${status} is ${error ?? 'a success'}`, () => {
    assert.deepEqual(describeAnswer(status, 0.5), error === undefined ? { fromSend: 0.5 } : { fromSend: 0.5, error });
  });
}

test('what has no answer is given up at the time limit, else its connection failed', () => {
  assert.deepEqual(describeFailure('request timeout', 2, 2), { error: 'timeout' });
  assert.deepEqual(describeFailure('connection refused', 0.01, 2), { error: 'connection' });
  assert.ok(isUnanswered('timeout') && isUnanswered('connection'));
  assert.ok(!isUnanswered('status-503') && !isUnanswered(undefined));
});

test('a generator that has no file or port left has not sent', () => {
  for (const reason of ['socket: too many open files', 'connect: cannot assign requested address']) {
    assert.deepEqual(describeFailure(`Post "http://127.0.0.1:8085/": ${reason}`, 0.01, 2), { error: 'not-sent' });
  }
});

test('requests are drawn as often as their weights say', () => {
  const mix = new RequestMix(createRandom(1, 1, 'requests'), [
    { weight: 3, method: 'GET', path: '/often' },
    { weight: 1, method: 'GET', path: '/seldom' },
  ]);
  const draws = Array.from({ length: 8000 }, () => mix.draw().path);
  const often = draws.filter(path => path === '/often').length;
  assert.ok(Math.abs(often - 6000) < 160, `${often} of 8000`);
});

test('requests that are replaced are drawn no more', () => {
  const mix = new RequestMix(createRandom(1, 1, 'requests'), [{ weight: 1, method: 'GET', path: '/before' }]);
  mix.replace([{ weight: 0.1, method: 'GET', path: '/after' }]);
  assert.equal(mix.draw().path, '/after');
});
