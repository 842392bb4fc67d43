import assert from 'node:assert/strict';
import { test } from 'node:test';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { simulate } from '../search/testdata/simulated-service.ts';
import { endedLine, fitting } from './progress.ts';

const cell = waitOn('threads');
const experiment = experimentWith([cell]);
const trial = trialAt(100, cell);

test('a line of a trial that has ended names the quantile of the objective and the time that is left', () => {
  const result = simulate(trial, { serviceTime: 0.021, cpuPerRequest: 0, cpus: 2 }, experiment);
  const line = endedLine(result, { ...experiment.objective, quantile: 0.999 }, 170);
  assert.match(line, /^ {2}threads-1x8-8 on wait at 100\/s +p99\.9 [\d.]+ ms, [\d.]+\/s served; ≤ 3 min left$/);
});

test('a line of a trial that failed says why, and that no time is left once more than the budget was used', () => {
  const error = { code: 'k6-failed', message: 'k6 ended before the load did\nits log' };
  const line = endedLine({ state: 'failed', trial, elapsed: 1, error }, experiment.objective, -2);
  assert.match(line, /failed: k6 ended before the load did; ≤ 0 s left$/);
});

test('a line of a trial that was stopped says so, and the longest fit 80 columns', () => {
  const overloaded = trialAt(1230, cell);
  const result = simulate(overloaded, { serviceTime: 0.021, cpuPerRequest: 0, cpus: 2 }, experiment);
  const line = endedLine(result, experiment.objective, 5400);
  assert.match(line, /p99 [\d.]+ ms, stopped early; ≤ 90 min left$/);
  assert.ok(line.length <= 80, `${line.length} columns`);
});

test('a line that is longer than the terminal is wide is cut, and whole where there is no terminal', () => {
  assert.equal(fitting('deploying sync, hybrid', 12), 'deploying s…');
  assert.equal(fitting('deploying', 12), 'deploying');
  assert.equal(fitting('deploying sync, hybrid', undefined), 'deploying sync, hybrid');
});
