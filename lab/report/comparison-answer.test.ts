import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import type { TopologyName } from '../../model/topology.ts';
import type { ComparedCell, Comparison } from '../compare/comparison.ts';
import type { Ratio } from '../compare/ratios.ts';
import { answerOf } from './comparison-answer.ts';

function cell(topology: TopologyName, estimate: number): ComparedCell {
  return {
    ...{ workload: 'wait', deployment: deploymentOf(topology, 2), workers: 2, capacityByBlock: {}, bottleneck: null },
    capacity: { state: 'bracketed', estimate, low: estimate * 0.9, high: estimate * 1.1, interval: '95 %' },
    ...{ responseTime: null, serviceDemand: null, memory: null, trials: 9, invalidTrials: 0 },
  };
}

function ratio(of: TopologyName, to: TopologyName, reading: Ratio['reading'], bounds: [number, number, number]): Ratio {
  const [estimate, low, high] = bounds;
  const [ofDeployment = '', toDeployment = ''] = [of, to].map(one => deploymentName(deploymentOf(one, 2)));
  return { workload: 'wait', of, to, ofDeployment, toDeployment, reading, estimate, low, high, blocks: 4 };
}

const cells = [cell('sync', 90), cell('hybrid', 1290), cell('async-express', 1300)];
const comparison: Comparison = {
  ...{ schema: 1, experiment: 'full', runtime: 'local', seed: 7, environment: {}, cells, claims: [], warnings: [] },
  objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
  ratios: [
    ratio('async-express', 'sync', 'workers = CPUs', [15, 14, 16]),
    ratio('hybrid', 'sync', 'workers = CPUs', [14.2, 12.9, 15.6]),
    ratio('hybrid', 'sync', 'equal concurrency', [1.08, 0.97, 1.2]),
    ratio('hybrid', 'sync', 'equal memory', [9, 8, 10]),
  ],
  bestSizes: [],
  loads: [],
};

test('the answer is what the article compares, in all three readings', () => {
  assert.equal(
    answerOf('wait', cells, comparison).sentence,
    'On this machine, for this work, hybrid carries 14.2 × [12.9, 15.6] what sync carries with as many workers as CPUs, ' +
      '1.08 × [0.97, 1.2] (no difference was shown) with as many as connections, 9 × [8, 10] with as much memory.',
  );
});

test('a reading against blocking workers in another form names them', () => {
  const [first, second, , ...rest] = comparison.ratios;
  const threads = {
    ...ratio('hybrid', 'threads', 'equal concurrency', [1.1, 0.9, 1.3]),
    toDeployment: 'threads-1x40-40',
  };
  assert.ok(first && second);
  assert.match(
    answerOf('wait', cells, { ...comparison, ratios: [first, second, threads, ...rest] }).sentence,
    /what sync carries with as many workers as CPUs, 1\.1 × \[0\.9, 1\.3\] \(no difference was shown\) what threads-1x40-40 carries with as many as connections/,
  );
});

test('what stops it is said of what the answer speaks of, not of another that carries a little more', () => {
  assert.match(answerOf('wait', cells, comparison).stop ?? '', /^hybrid/);
  assert.match(answerOf('wait', cells, { ...comparison, ratios: [] }).stop ?? '', /^async-express/);
});

test('where best sizes were looked for, the one that carries most is compared with the next, whichever way round', () => {
  const ratios = [ratio('hybrid', 'async-express', 'best sizes', [0.8, 0.75, 0.9])];
  const bestSizes = cells.map(({ deployment }) => ({ workload: 'wait', deployment }));
  assert.equal(
    answerOf('wait', cells, { ...comparison, ratios, bestSizes }).sentence,
    'On this machine, for this work, of the best sizes async-express-2x1-40 carries most, ' +
      '1.25 × [1.11, 1.33] what hybrid-2x1-40 carries.',
  );
});

test('without ratios the answer is what carries most; a simulation does not speak of this machine', () => {
  assert.match(
    answerOf('wait', cells, { ...comparison, ratios: [] }).sentence,
    /^async-express carries most, about 1300/,
  );
  assert.match(answerOf('wait', cells, { ...comparison, runtime: 'simulated' }).sentence, /^In this simulation, /);
});
