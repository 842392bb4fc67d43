import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomOf } from '../../model/random.ts';
import { RequestMix } from './request-mix.ts';

test('requests are drawn as often as their weights say', () => {
  const mix = new RequestMix(randomOf(1, 1, 'requests'), [
    { weight: 3, method: 'GET', path: '/often' },
    { weight: 1, method: 'GET', path: '/seldom' },
  ]);
  const draws = Array.from({ length: 8000 }, () => mix.draw().path);
  const often = draws.filter(path => path === '/often').length;
  assert.ok(Math.abs(often - 6000) < 160, `${often} of 8000`);
});

test('requests that are replaced are drawn no more', () => {
  const mix = new RequestMix(randomOf(1, 1, 'requests'), [{ weight: 1, method: 'GET', path: '/before' }]);
  mix.replace([{ weight: 0.1, method: 'GET', path: '/after' }]);
  assert.equal(mix.draw().path, '/after');
});
