import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExperiment } from '../experiment/parse.ts';
import { changesOf, withPrecision } from './compare-options.ts';

const experiment = parseExperiment('name: x\nbudget: 1m\ndeployments: [sync]\nworkloads: [wait]\n', {
  file: 'x.yaml',
  cpus: 2,
});
const precisionOf = (precision: string) => withPrecision(experiment, { precision, runtime: 'simulated' }).precision;

test('a budget is a duration, or a number of seconds', () => {
  for (const budget of ['10m', '600s', '600', '10 min']) assert.equal(changesOf({ budget }).budget, 600, budget);
  for (const budget of ['0.5', '25h', '10%', '-10m', '']) {
    assert.throws(() => changesOf({ budget }), { code: 'usage', message: /from 1s to 24h/ }, budget);
  }
});

test('a precision is a percentage, with its sign or without', () => {
  for (const precision of ['2%', '2', '2 %']) assert.equal(precisionOf(precision), 0.02, precision);
  for (const precision of ['0.02', '51%', '2x', '2%%', '']) {
    assert.throws(() => precisionOf(precision), { code: 'usage', message: /from 0.1% to 50%/ }, precision);
  }
});
