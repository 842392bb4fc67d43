import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asymptoticBounds } from './asymptotic-bounds.ts';
import { fewestServers, meanWait, waitingProbability, waitsLongerProbability } from './erlang-c.ts';
import * as gm1 from './gm1.ts';
import * as littles from './littles-law.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import * as mg1 from './mg1.ts';
import { estimateWait, waitQuantile } from './mgc.ts';
import * as mmc from './mmc.ts';
import * as mmck from './mmck.ts';
import { openNetwork } from './open-network.ts';
import * as usl from './universal-scalability.ts';
import { saturationThroughput, utilisationAt } from './utilisation-law.ts';

const NEVER = [Number.NaN, -1, Infinity, -Infinity];
const NOT_ABOVE_0 = [...NEVER, 0];
const NOT_COUNTED = [...NOT_ABOVE_0, 1.5];
const NO_QUANTILE = [...NEVER, 1, 1.2];

/** A formula, with arguments that it takes and, of each argument, what it must refuse. */
interface Formula {
  readonly name: string;
  readonly accepted: () => unknown;
  readonly refused: readonly { readonly what: string; readonly call: () => unknown }[];
}

const pool = { arrivalRate: 8, serviceTime: 0.1, servers: 2 };
// 20 arrivals a second are ρ = 1 exactly.
const poolRefuses = {
  arrivalRate: [...NOT_ABOVE_0, 20, 21],
  serviceTime: [...NOT_ABOVE_0, 0.25, 1],
  servers: [...NOT_COUNTED],
};
const single = { arrivalRate: 8, serviceTime: 0.1 };
const singleRefuses = { arrivalRate: [...NOT_ABOVE_0, 10, 11], serviceTime: [...NOT_ABOVE_0, 0.125, 1] };
const limited = { ...pool, places: 6 };
const limitedRefuses = {
  arrivalRate: NOT_ABOVE_0,
  serviceTime: NOT_ABOVE_0,
  servers: [...NOT_COUNTED, 7],
  places: [...NOT_COUNTED, 1],
};
const network = { serviceDemand: 0.1, servers: 1, other: 0.2, users: 10, thinkTime: 1 };
const networkRefuses = { serviceDemand: NEVER, servers: NOT_COUNTED, users: NOT_COUNTED, thinkTime: NEVER };
const law = { throughputOfOne: 100, contention: 0.05, coherency: 0.001 };
const lawRefuses = { throughputOfOne: NOT_ABOVE_0, contention: NEVER, coherency: NEVER };

const formulas: readonly Formula[] = [
  formula(
    'utilisationAt',
    utilisationAt,
    { throughput: 10, serviceDemand: 0.1, servers: 2 },
    {
      throughput: [...NEVER, 20.1],
      serviceDemand: [...NEVER, 0.21],
      servers: NOT_COUNTED,
    },
  ),
  formula(
    'saturationThroughput',
    saturationThroughput,
    { serviceDemand: 0.1, servers: 2 },
    {
      serviceDemand: NOT_ABOVE_0,
      servers: NOT_COUNTED,
    },
  ),
  formula(
    'concurrencyAt',
    littles.concurrencyAt,
    { throughput: 1, responseTime: 1 },
    {
      throughput: NEVER,
      responseTime: NEVER,
    },
  ),
  formula(
    'responseTimeAt',
    littles.responseTimeAt,
    { concurrency: 1, throughput: 1 },
    {
      concurrency: NEVER,
      throughput: NOT_ABOVE_0,
    },
  ),
  formula(
    'responseTimeOfUsers',
    littles.responseTimeOfUsers,
    { users: 10, throughput: 2, thinkTime: 1 },
    {
      users: NOT_ABOVE_0,
      throughput: [...NOT_ABOVE_0, 10.1],
      thinkTime: [...NEVER, 5.1],
    },
  ),
  ...[waitingProbability, meanWait, mmc.queueLength, mmc.concurrency, mmc.responseTime].map(of =>
    formula(of.name, of, pool, poolRefuses),
  ),
  ...[waitsLongerProbability, mmc.responseTimeLongerProbability].map(of =>
    formula(of.name, ({ time, ...given }) => of(given, time), { ...pool, time: 1 }, { ...poolRefuses, time: NEVER }),
  ),
  formula(
    'responseTimeQuantile',
    ({ quantile, ...given }) => mmc.responseTimeQuantile(given, quantile),
    { ...pool, quantile: 0.9 },
    { ...poolRefuses, quantile: NO_QUANTILE },
  ),
  formula(
    'fewestServers',
    ({ arrivalRate, serviceTime, ...objective }) => fewestServers({ arrivalRate, serviceTime }, objective),
    { ...single, wait: 0.1, fraction: 0.01 },
    { arrivalRate: NOT_ABOVE_0, serviceTime: NOT_ABOVE_0, wait: NEVER, fraction: [Number.NaN, 0, -1] },
  ),
  formula(
    'mg1.meanWait',
    mg1.meanWait,
    { ...single, serviceVariation: 1 },
    { ...singleRefuses, serviceVariation: NEVER },
  ),
  ...[gm1.waitingProbability, gm1.meanWait].flatMap(of =>
    [gm1.evenArrivals, gm1.poissonArrivals].map(arrivals =>
      formula(
        `${of.name} with ${arrivals.name}`,
        ({ arrivalRate, serviceTime }) => of({ ...arrivals(arrivalRate), serviceTime }),
        single,
        singleRefuses,
      ),
    ),
  ),
  formula(
    'estimateWait',
    estimateWait,
    { waiting: 0.5, excess: 10, serviceVariation: 0.5 },
    { waiting: [...NEVER, 1.1], excess: [Number.NaN, -1, 0], serviceVariation: NEVER },
  ),
  formula(
    'waitQuantile',
    ({ quantile, ...wait }) => waitQuantile(wait, quantile),
    { waiting: 0.5, mean: 1, quantile: 0.9 },
    { quantile: NO_QUANTILE },
  ),
  ...[mmck.emptyProbability, mmck.throughput, mmck.concurrency, mmck.responseTime].map(of =>
    formula(`mmck.${of.name}`, of, limited, limitedRefuses),
  ),
  ...[asymptoticBounds, meanValueAnalysis].map(of =>
    formula(of.name, given => of(stationsOf(given), usersOf(given)), network, networkRefuses),
  ),
  formula(
    'openNetwork',
    given => openNetwork(stationsOf(given), { arrivalRate: given.arrivalRate }),
    { ...network, arrivalRate: 1 },
    {
      serviceDemand: NEVER,
      servers: NOT_COUNTED,
      arrivalRate: NOT_ABOVE_0,
    },
  ),
  formula(
    'throughputAtConcurrency',
    ({ concurrency, ...given }) => usl.throughputAtConcurrency(given, concurrency),
    { ...law, concurrency: 4 },
    {
      ...lawRefuses,
      concurrency: NOT_ABOVE_0,
    },
  ),
  ...[usl.peakConcurrency, usl.peakThroughput, usl.throughputLimit, usl.optimalConcurrency].map(of =>
    formula(of.name, of, law, lawRefuses),
  ),
];

for (const { name, accepted, refused } of formulas) {
  test(`${name} refuses what cannot be, and nothing else`, () => {
    assert.doesNotThrow(accepted);
    for (const { what, call } of refused) assert.throws(call, RangeError, what);
  });
}

test('a network without stations, or without anything to do, is refused', () => {
  const idle = [{ name: 'idle', serviceDemand: 0, servers: 1 }];
  for (const stations of [[], idle]) {
    assert.throws(() => meanValueAnalysis(stations, { users: 1, thinkTime: 1 }), RangeError);
    assert.throws(() => openNetwork(stations, { arrivalRate: 1 }), RangeError);
    assert.throws(() => asymptoticBounds(stations, { users: 1, thinkTime: 1 }), RangeError);
  }
});

test('more users than fit in memory are refused, not tried', () => {
  const stations = stationsOf(network);
  assert.throws(() => meanValueAnalysis(stations, { users: 1e9, thinkTime: 1 }), /at most 1000000 users: 1000000000/);
});

test('gaps whose transform contradicts their mean are refused', () => {
  // Gaps of 1 s at even distances, said to arrive twice a second.
  const queue = { ...gm1.evenArrivals(1), arrivalRate: 2, serviceTime: 0.1 };
  assert.throws(() => gm1.meanWait(queue), /no gaps with a mean of 0.5 s/);
  assert.throws(() => gm1.meanWait({ ...queue, gapTransform: () => Number.NaN }), RangeError);
  assert.throws(() => gm1.meanWait({ ...queue, gapTransform: () => 1 }), RangeError);
});

test('a message names the value that was refused', () => {
  assert.throws(() => saturationThroughput({ serviceDemand: -0.5, servers: 2 }), /serviceDemand .* -0.5/);
  assert.throws(
    () => meanValueAnalysis(stationsOf({ ...network, servers: 1.5 }), usersOf(network)),
    /servers of cpu .* 1.5/,
  );
});

function formula<Given extends object>(
  name: string,
  of: (given: Given) => unknown,
  given: Given,
  refuses: Readonly<Partial<Record<keyof Given, readonly number[]>>>,
): Formula {
  const refused = Object.entries<readonly number[]>(refuses as Record<string, readonly number[]>).flatMap(
    ([argument, values]) =>
      values.map(value => ({ what: `${argument} = ${value}`, call: () => of({ ...given, [argument]: value }) })),
  );
  return { name, accepted: () => of(given), refused };
}

function stationsOf({ serviceDemand, servers, other }: typeof network) {
  return [
    { name: 'cpu', serviceDemand, servers },
    { name: 'disk', serviceDemand: other, servers: 1 },
  ];
}

function usersOf({ users, thinkTime }: typeof network) {
  return { users, thinkTime };
}
