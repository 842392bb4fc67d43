import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slownessOf } from './slowness.ts';
import { trialOf } from './testdata/trials.ts';

const load = { model: 'open', arrivalRate: 10 } as const;

function deviationOf(values: readonly number[]): number {
  const logarithms = values.map(Math.log);
  const mean = logarithms.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(logarithms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function noiseOf(betweenTrials: number, betweenBlocks: number) {
  return { betweenTrials, betweenBlocks, source: 'assumed' } as const;
}

test('trials differ by the noise between trials, and starts of the workers by that between blocks', () => {
  const seeds = Array.from({ length: 2000 }, (_, index) => index);
  const trials = seeds.map(seed =>
    slownessOf(trialOf({ topology: 'sync', load, seed }), { seed: 1, noise: noiseOf(0.03, 0), blocks: 1 }),
  );
  assert.ok(Math.abs(deviationOf(trials) / 0.03 - 1) < 0.05);
  const blocks = seeds.map(block =>
    slownessOf({ ...trialOf({ topology: 'sync', load }), block }, { seed: 1, noise: noiseOf(0, 0.05), blocks: 4 }),
  );
  assert.ok(Math.abs(deviationOf(blocks) / 0.05 - 1) < 0.05);
});

test('where workers are started once they are as slow in every block', () => {
  const noise = noiseOf(0, 0.05);
  const trial = trialOf({ topology: 'sync', load });
  const slow = [0, 1, 5].map(block => slownessOf({ ...trial, block }, { seed: 1, noise, blocks: 1 }));
  assert.equal(new Set(slow).size, 1);
  const other = slownessOf(trialOf({ topology: 'async', load }), { seed: 1, noise, blocks: 1 });
  assert.notEqual(other, slow[0]);
});

test('a machine without noise is as fast as its model', () => {
  const trial = trialOf({ topology: 'sync', load });
  assert.equal(slownessOf(trial, { seed: 1, noise: noiseOf(0, 0), blocks: 4 }), 1);
});
