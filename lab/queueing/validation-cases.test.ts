import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asymptoticBounds } from './asymptotic-bounds.ts';
import { meanWait, waitingProbability } from './erlang-c.ts';
import * as gm1 from './gm1.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import * as mg1 from './mg1.ts';
import * as mmc from './mmc.ts';
import * as mmck from './mmck.ts';
import { openNetwork } from './open-network.ts';
import * as usl from './universal-scalability.ts';

const cases = JSON.parse(readFileSync(new URL('testdata/validation-cases.json', import.meta.url), 'utf8'));

for (const { name, source, concurrency, throughput, published, fitted } of cases.scalability) {
  test(`the universal scalability law is fitted as published: ${name}`, () => {
    const fit = usl.fitUniversalScalability(
      concurrency.map((n: number, i: number) => ({ concurrency: n, throughput: throughput[i] })),
    );
    const { law, residualStandardError, degreesOfFreedom } = fit;
    const computed: Readonly<Record<string, number | undefined>> = {
      ...law,
      residualStandardError,
      degreesOfFreedom,
      throughputLimit: usl.throughputLimit(law),
      peakConcurrency: usl.peakConcurrency(law),
      peakThroughput: usl.peakThroughput(law),
      optimalConcurrency: usl.optimalConcurrency(law),
    };
    for (const [key, printed] of Object.entries<string>(published))
      roundsTo(computed[key], printed, `${key}: ${source}`);
    for (const [i, printed] of (fitted ?? []).entries()) {
      roundsTo(usl.throughputAtConcurrency(law, concurrency[i]), printed, `throughput at ${concurrency[i]}: ${source}`);
    }
  });
}

for (const { name, source, pool, published, tolerance } of cases.pools) {
  test(`a pool waits as published: ${name}`, () => {
    const computed = {
      waitingProbability: waitingProbability(pool),
      meanWait: meanWait(pool),
      queueLength: mmc.queueLength(pool),
      responseTime: mmc.responseTime(pool),
    };
    allNear(computed, published, tolerance, source);
  });
}

for (const { name, source, pool, published, tolerance } of cases.limitedPools) {
  test(`a limited pool is as full as published: ${name}`, () => {
    const limited = { ...pool, serviceTime: 1 / pool.servicesPerSecond };
    const computed = { emptyProbability: mmck.emptyProbability(limited), responseTime: mmck.responseTime(limited) };
    allNear(computed, published, tolerance, source);
  });
}

for (const { name, source, users, thinkTime, serviceTimes, visits, published, tolerance } of cases.closed) {
  test(`mean value analysis gives the published means: ${name}`, () => {
    const demands = serviceTimes.map((time: number, i: number) => time * visits[i]);
    const network = meanValueAnalysis(singleServers(demands), { users, thinkTime });
    const computed = {
      utilisation: network.stations.map(station => station.utilisation),
      responseTimePerVisit: network.stations.map((station, i) => station.responseTime / visits[i]),
      concurrency: network.stations.map(station => station.concurrency),
      visitsPerSecond: visits.map((visited: number) => visited * network.throughput),
    };
    for (const [key, values] of Object.entries<number[]>(published)) {
      allNear(numbered(computed[key as keyof typeof computed]), numbered(values), tolerance, `${key}: ${source}`);
    }
  });
}

for (const { name, source, arrivalRate, serviceTimes, visitsPerSecond, published, tolerance } of cases.open) {
  test(`an open network has the published means: ${name}`, () => {
    const visits = visitsPerSecond.map((each: number) => each / arrivalRate);
    const network = openNetwork(singleServers(serviceTimes.map((time: number, i: number) => time * visits[i])), {
      arrivalRate,
    });
    assert.equal(network.state, 'stable');
    const computed = {
      utilisation: network.stations.map(station => station.utilisation),
      responseTimePerVisit: network.stations.map((station, i) => station.responseTime / visits[i]),
      concurrency: network.stations.map(station => station.concurrency),
    };
    for (const [key, values] of Object.entries<number[]>(published)) {
      allNear(numbered(computed[key as keyof typeof computed]), numbered(values), tolerance, `${key}: ${source}`);
    }
  });
}

for (const { name, source, users, thinkTime, serviceDemands, published, tolerance } of cases.bounds) {
  test(`the asymptotic bounds are the published ones: ${name}`, () => {
    const { throughput, responseTime } = asymptoticBounds(singleServers(serviceDemands), { users, thinkTime });
    const computed = { mostThroughput: throughput.upper, leastResponseTime: responseTime.lower };
    allNear(computed, published, tolerance, source);
  });
}

test('service that is always the same waits as published', () => {
  const { source, published, tolerance, ...queue } = cases.evenService;
  allNear({ meanWait: mg1.meanWait({ ...queue, serviceVariation: 0 }) }, published, tolerance, source);
});

test('arrivals at even distances wait as published', () => {
  const { source, published, tolerance, arrivalRate, serviceTime } = cases.evenArrivals;
  const queue = { ...gm1.evenArrivals(arrivalRate), serviceTime };
  allNear({ meanWait: gm1.meanWait(queue) }, published, tolerance, source);
});

function singleServers(demands: readonly number[]) {
  return demands.map((serviceDemand, i) => ({ name: `station ${i + 1}`, serviceDemand, servers: 1 }));
}

function numbered(values: readonly number[]): Record<string, number> {
  return Object.fromEntries(values.entries());
}

function allNear(
  computed: Readonly<Record<string, number>>,
  published: Readonly<Record<string, number>>,
  tolerance: number,
  source: string,
): void {
  for (const [key, expected] of Object.entries(published)) {
    const actual = computed[key] ?? Number.NaN;
    assert.ok(
      Math.abs(actual - expected) <= tolerance,
      `${key} is ${actual}, not ${expected} ± ${tolerance}: ${source}`,
    );
  }
}

/** At the precision of the print: half of its last digit. */
function roundsTo(actual: number | undefined, printed: string, what: string): void {
  const places = printed.split('.')[1]?.length ?? 0;
  assert.equal(actual?.toFixed(places), printed, what);
}
