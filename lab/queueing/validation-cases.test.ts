import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asymptoticBounds } from './asymptotic-bounds.ts';
import { meanWait, waitingProbability } from './erlang-c.ts';
import * as gm1 from './gm1.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import { estimateWait } from './mgc.ts';
import { utilisationAt } from './operational-laws.ts';
import { fitUniversalScalability, throughputAtConcurrency } from './universal-scalability.ts';

const cases = JSON.parse(readFileSync(new URL('testdata/validation-cases.json', import.meta.url), 'utf8'));

type Published = Readonly<Record<string, number | readonly number[]>>;

for (const { name, source, concurrency, throughput, published, fitted } of cases.scalability) {
  test(`the universal scalability law is fitted as published: ${name}`, () => {
    const points = concurrency.map((n: number, i: number) => ({ concurrency: n, throughput: throughput[i] }));
    const { law, residualStandardError, degreesOfFreedom } = fitUniversalScalability(points);
    const { throughputOfOne, contention, coherency } = law;
    const peakConcurrency = Math.sqrt((1 - contention) / coherency);
    const computed: Readonly<Record<string, number>> = {
      ...{ ...law, residualStandardError, degreesOfFreedom, peakConcurrency },
      throughputLimit: throughputOfOne / contention,
      peakThroughput: throughputAtConcurrency(law, peakConcurrency),
      optimalConcurrency: 1 / contention,
    };
    const atPrecisionOf = (printed: string, value = Number.NaN) => value.toFixed(printed.split('.')[1]?.length ?? 0);
    for (const [key, printed] of Object.entries<string>(published)) {
      assert.equal(atPrecisionOf(printed, computed[key]), printed, `${key}: ${source}`);
    }
    for (const [i, printed] of (fitted ?? []).entries()) {
      assert.equal(atPrecisionOf(printed, throughputAtConcurrency(law, concurrency[i])), printed, source);
    }
  });
}

for (const { name, source, pool, published, tolerance } of cases.pools) {
  test(`a pool waits as published: ${name}`, () => {
    const wait = meanWait(pool);
    const responseTime = wait + pool.serviceTime;
    const computed = { waitingProbability: waitingProbability(pool), meanWait: wait, responseTime };
    allNear({ ...computed, queueLength: pool.arrivalRate * wait }, published, tolerance, source);
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
    allNear(computed, published, tolerance, source);
  });
}

for (const { name, source, serviceTimes, visitsPerSecond, published, tolerance } of cases.open) {
  test(`each station of an open network is a pool of its own, as published: ${name}`, () => {
    const pools = serviceTimes.map((serviceTime: number, i: number) => ({ serviceTime, visits: visitsPerSecond[i] }));
    const means = pools.map(({ serviceTime, visits }: { serviceTime: number; visits: number }) => {
      const responseTime = meanWait({ arrivalRate: visits, serviceTime, servers: 1 }) + serviceTime;
      const utilisation = utilisationAt({ throughput: visits, serviceDemand: serviceTime, servers: 1 });
      return { utilisation, responseTime, concurrency: visits * responseTime };
    });
    const each = (key: string) => means.map((one: Record<string, number>) => one[key]);
    const [utilisation, responseTimePerVisit, concurrency] = ['utilisation', 'responseTime', 'concurrency'].map(each);
    allNear({ utilisation, responseTimePerVisit, concurrency } as Published, published, tolerance, source);
  });
}

for (const { name, source, users, thinkTime, serviceDemands, published, tolerance } of cases.bounds) {
  test(`the asymptotic bounds are the published ones: ${name}`, () => {
    const { throughput, responseTime } = asymptoticBounds(singleServers(serviceDemands), { users, thinkTime });
    allNear({ mostThroughput: throughput.upper, leastResponseTime: responseTime.lower }, published, tolerance, source);
  });
}

test('even service times and even arrivals wait as published', () => {
  for (const name of ['evenService', 'evenArrivals'] as const) {
    const { source, published, tolerance, arrivalRate, serviceTime } = cases[name];
    const waiting = arrivalRate * serviceTime;
    const even = estimateWait({ waiting, excess: 1 / serviceTime - arrivalRate, serviceVariation: 0 });
    const wait = name === 'evenService' ? even.mean : gm1.meanWait({ ...gm1.evenArrivals(arrivalRate), serviceTime });
    allNear({ meanWait: wait }, published, tolerance, source);
  }
});

function singleServers(demands: readonly number[]) {
  return demands.map((serviceDemand, i) => ({ name: `station ${i + 1}`, serviceDemand, servers: 1 }));
}

function allNear(computed: Published, published: Published, tolerance: number, source: string): void {
  for (const [key, expected] of Object.entries(published)) {
    const actual = [computed[key] ?? []].flat();
    for (const [i, value] of [expected].flat().entries()) {
      const off = Math.abs((actual[i] ?? Number.NaN) - value);
      assert.ok(off <= tolerance, `${key} is ${actual}, not ${expected} ± ${tolerance}: ${source}`);
    }
  }
}
