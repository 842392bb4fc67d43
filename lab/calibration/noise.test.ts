import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { countIn, drawIntended, type Made, testArrivals, testDispersion, testEven } from './arrivals.ts';
import { lastDelays } from './calibrate.ts';
import { findNoise, splitVariance } from './noise.ts';

const random = seededRandom(6);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const close = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not ${expected}`);

test('variance within and between groups is told apart', () => {
  // Means 2 and 6, MS_w = (2 + 2) ÷ 2 = 2, MS_b = 2 × (4 + 4) = 16: σ_b² = (16 − 2) ÷ 2 = 7.
  const known = splitVariance([
    [1, 3],
    [5, 7],
  ]);
  close(known.within, Math.SQRT2);
  close(known.between, Math.sqrt(7));
  const alike = splitVariance([
    [1, 9],
    [2, 8],
    [0, 10],
  ]);
  assert.equal(alike.between, 0);
  const groups = Array.from({ length: 2000 }, (_, index) => {
    const group = 0.05 * normal();
    return Array.from({ length: 2 + (index % 3) }, () => group + 0.02 * normal());
  });
  const { within, between } = splitVariance(groups);
  close(within, 0.02, 0.001);
  close(between, 0.05, 0.003);
});

/** Two deployments in so many blocks, measured twice each; `factor` is how much faster the first one is. */
function speeds({ blocks = 5, betweenTrials = 0, betweenBlocks = 0, factor = 1 }) {
  return Array.from({ length: blocks }, (_, block) =>
    [0, 1].flatMap(cell => {
      const start = betweenBlocks * normal();
      return [1, 2].map(() => ({
        ...{ block, cell, steal: 0.01, others: 0.05 + 0.001 * (block % 5), scheduleLag: 0.01 + 0.001 * (block % 5) },
        throughput: 1000 * (cell === 0 ? factor : 1) * Math.exp(start + betweenTrials * normal()),
      }));
    }),
  ).flat();
}

test('noise between trials and between starts, and the ratio of two deployments, are found', () => {
  const found = findNoise(speeds({ blocks: 400, betweenTrials: 0.02, betweenBlocks: 0.04 }));
  close(found.betweenTrials, 0.02, 0.002);
  close(found.betweenBlocks, 0.04, 0.004);
  assert.deepEqual([found.trials, found.blocks], [1600, 400]);
  const equal = findNoise(speeds({ betweenTrials: 0.02 })).sameRatioWide;
  assert.ok(equal.low < 1 && equal.high > 1);
  const { sameRatio } = findNoise(speeds({ betweenTrials: 0.01, factor: 1.1 }));
  assert.ok(sameRatio.low > 1 && Math.abs(sameRatio.estimate - 1.1) < 0.02);
});

test('disturbed trials are left out, and levels of disturbance are a mean and the most', () => {
  const quiet = speeds({ betweenTrials: 0.02 });
  const found = findNoise(quiet.map((one, index) => (index === 3 ? { ...one, throughput: 300, others: 0.5 } : one)));
  assert.deepEqual([found.disturbed, found.trials], [1, 19]);
  assert.ok(found.betweenTrials < 0.04 && found.others.most < 0.1);
  const { others, steal, scheduleLag } = findNoise(quiet);
  close(others.mean, 0.052);
  close(others.most, 0.054);
  close(scheduleLag?.most ?? 0, 0.014);
  assert.equal(steal.most, 0.01);
});

test('the Kolmogorov–Smirnov test has the published critical values', () => {
  // Steps at 0.1, 0.2 and 0.9: before the third one the sample stands at 2/3 from 0.2 on.
  close(testEven([0.2, 0.9, 0.1]).distance, 2 / 3 - 0.2);
  // F. J. Massey, JASA 46 (1951), table 1, and 1.36 ÷ √n beyond.
  for (const [n, distance, p] of [
    [20, 0.294, 0.05],
    [20, 0.352, 0.01],
    [35, 0.224, 0.05],
    [100, 0.1358, 0.05],
  ] as const) {
    const values = Array.from({ length: n }, (_, index) => Math.min(1, index / n + distance));
    close(testEven(values).distance, distance);
    close(testEven(values).p, p, 0.15 * p);
  }
  const fits = Array.from({ length: 2000 }, () => testEven(Array.from({ length: 50 }, random)));
  for (const level of [0.05, 0.5]) {
    const rejected = fits.filter(({ p }) => p < level).length / fits.length;
    close(rejected, level, 3.5 * Math.sqrt((level * (1 - level)) / fits.length));
  }
});

test('the dispersion of counts is their variance over their mean, with the p of chi-square', () => {
  // Mean 5, squares 9 + 1 + 1 + 9 = 20, over three degrees of freedom.
  close(testDispersion([2, 4, 6, 8]).index, 20 / 5 / 3);
  // The 0.95-quantile with 10 degrees of freedom is 18.307: eleven counts around 100 whose squares add up to it.
  const away = Math.sqrt((18.307 * 100) / 10);
  const counts = [100, ...Array.from({ length: 10 }, (_, index) => 100 + (index % 2 === 0 ? away : -away))];
  close(testDispersion(counts).p, 0.1, 1e-4);
  assert.ok(testDispersion(Array.from({ length: 50 }, () => 20)).p < 1e-6);
  assert.deepEqual(countIn([0, 0.4, 0.5, 1.4, 1.6], 1.7, 0.5), [2, 1, 1]);
});

/** Three loads at 500/s whose arrivals come as `came` makes them of the intended ones. */
function loads(came: (intended: readonly number[]) => number[]): Made[] {
  return [1, 2, 3].map(seed => {
    const phases = { warmUp: 0.5, steadyState: 2, timeLimit: 5 };
    const drive = { path: 'bare', arrivalRate: 500, phases, seed } as const;
    const received = came(drawIntended(drive)).map(time => 1_000_000 + time);
    return { drive, driven: { stamps: { received, delay: [] }, outcome: { sent: received.length } } };
  });
}

test('arrivals as intended are a Poisson process, bursts are not, and a lost one is counted', () => {
  const good = testArrivals(loads(intended => intended.map(time => time + 0.001 * random())));
  assert.deepEqual([good.sent, good.came], [good.due, good.due]);
  assert.ok(good.cameTimes.p > 0.01 && good.cameCounts.p > 0.01);
  const bursts = testArrivals(loads(intended => intended.map(time => Math.ceil(time * 3) / 3)));
  assert.ok(bursts.cameCounts.p < 0.001 && bursts.cameCounts.index > 2);
  const lost = testArrivals(loads(intended => intended.slice(0, -1)));
  assert.equal(lost.due - lost.came, 3);
});

test('the delays of the last requests to come are found, whatever the order of their answers', () => {
  const stamps = { received: [3, 1, 2, 4], delay: [0.3, 0.1, 0.2, 0.4] };
  assert.deepEqual(lastDelays(stamps, 2), [0.3, 0.4]);
  assert.deepEqual(lastDelays(stamps, 9), [0.1, 0.2, 0.3, 0.4]);
});
