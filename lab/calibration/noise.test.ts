import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { noiseIn } from './noise.ts';

const random = seededRandom(6);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Two deployments in so many blocks, measured twice each; `factor` is how much faster the first one is. */
function speeds({ blocks, betweenTrials, betweenBlocks, factor = 1 }: Record<string, number> & { blocks: number }) {
  return Array.from({ length: blocks }, (_, block) =>
    [0, 1].flatMap(cell => {
      const start = (betweenBlocks ?? 0) * normal();
      return [1, 2].map(() => ({
        block,
        cell,
        throughput: 1000 * (cell === 0 ? factor : 1) * Math.exp(start + (betweenTrials ?? 0) * normal()),
        steal: 0.01,
        others: 0.05 + 0.001 * (block % 5),
        scheduleLag: 0.01 + 0.001 * (block % 5),
      }));
    }),
  ).flat();
}

test('noise between trials and between starts of the workers is told apart', () => {
  const found = noiseIn(speeds({ blocks: 400, betweenTrials: 0.02, betweenBlocks: 0.04 }));
  assert.ok(Math.abs(found.betweenTrials - 0.02) < 0.002, `${found.betweenTrials}`);
  assert.ok(Math.abs(found.betweenBlocks - 0.04) < 0.004, `${found.betweenBlocks}`);
  assert.equal(found.trials, 1600);
  assert.equal(found.blocks, 400);
});

test('equal deployments have a ratio of 1, and one that is a tenth faster has not', () => {
  const equal = noiseIn(speeds({ blocks: 5, betweenTrials: 0.02 })).sameRatioWide;
  assert.ok(equal.low < 1 && equal.high > 1);
  const { sameRatio } = noiseIn(speeds({ blocks: 5, betweenTrials: 0.01, factor: 1.1 }));
  assert.ok(sameRatio.low > 1 && Math.abs(sameRatio.estimate - 1.1) < 0.02);
});

test('a trial that a comparison would not believe is left out, whatever its speed', () => {
  const quiet = speeds({ blocks: 5, betweenTrials: 0.02 });
  const busy = quiet.map((one, index) => (index === 3 ? { ...one, throughput: 300, others: 0.5 } : one));
  const found = noiseIn(busy);
  assert.equal(found.disturbed, 1);
  assert.equal(found.trials, 19);
  assert.ok(found.betweenTrials < 0.04 && found.others.most < 0.1);
});

test('levels of disturbance are a mean and the most', () => {
  const { others, steal, scheduleLag } = noiseIn(speeds({ blocks: 5 }));
  assert.ok(Math.abs(others.mean - 0.052) < 1e-9 && Math.abs(others.most - 0.054) < 1e-9);
  assert.ok(Math.abs((scheduleLag?.mean ?? 0) - 0.012) < 1e-9 && Math.abs((scheduleLag?.most ?? 0) - 0.014) < 1e-9);
  assert.equal(steal.most, 0.01);
});
