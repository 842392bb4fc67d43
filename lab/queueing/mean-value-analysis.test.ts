import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, shuffled } from '../search/seeded.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import type { Station } from './station.ts';

const network = (demands: readonly number[], servers: readonly number[]): Station[] =>
  demands.map((serviceDemand, i) => ({ name: `station ${i + 1}`, serviceDemand, servers: servers[i] ?? 1 }));

test('one multi-server station is the machine repair model, solved as a birth–death process', () => {
  const machines = [
    { users: 5, thinkTime: 1, serviceTime: 0.5, servers: 2 },
    { users: 100, thinkTime: 0.08, serviceTime: 0.02, servers: 19 },
    { users: 64, thinkTime: 1, serviceTime: 1, servers: 64 },
    { users: 1000, thinkTime: 15, serviceTime: 1, servers: 64 },
    // Close below saturation, at it, and beyond it, where the recursion of the textbook loses all its digits.
    { users: 4900, thinkTime: 75, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 77, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 60, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 0.001, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 4, serviceTime: 1, servers: 1000 },
    { users: 2000, thinkTime: 1, serviceTime: 0.1, servers: 10_000 },
  ];
  for (const { users, thinkTime, serviceTime, servers } of machines) {
    const expected = machineRepair({ users, thinkTime, serviceTime, servers });
    const { throughput, stations } = meanValueAnalysis(network([serviceTime], [servers]), { users, thinkTime });
    close(throughput, expected.throughput, 1e-11);
    close(stations[0]?.concurrency, expected.concurrency, 1e-10);
  }
});

test('means are those of all states, weighed one by one', () => {
  const random = seededRandom(21);
  for (let round = 0; round < 40; round++) {
    const stations = network([random(), random(), random()], shuffled([1, 2, 3, 4], random));
    const workload = { users: 1 + Math.floor(random() * 12), thinkTime: round % 3 === 0 ? 0 : 3 * random() };
    const expected = enumerated(stations, workload);
    const actual = meanValueAnalysis(stations, workload);
    close(actual.throughput, expected.throughput);
    for (const [i, station] of actual.stations.entries())
      close(station.concurrency, expected.concurrency[i] ?? Number.NaN);
  }
});

test('with one server a station means are those of the recursion of Reiser and Lavenberg', () => {
  const random = seededRandom(22);
  for (let round = 0; round < 40; round++) {
    const demands = [random(), random(), random(), random()];
    const workload = { users: 1 + Math.floor(random() * 400), thinkTime: 20 * random() };
    const expected = recursion(demands, workload);
    const actual = meanValueAnalysis(network(demands, [1, 1, 1, 1]), workload);
    close(actual.throughput, expected.throughput);
    for (const [i, station] of actual.stations.entries())
      close(station.concurrency, expected.concurrency[i] ?? Number.NaN);
  }
});

test('one user never waits', () => {
  const { throughput, responseTime, stations } = meanValueAnalysis(network([0.1, 0.2, 0.3], [1, 4, 64]), {
    users: 1,
    thinkTime: 0.4,
  });
  close(responseTime, 0.6);
  close(throughput, 1);
  assert.deepEqual(
    stations.map(station => station.responseTime.toFixed(12)),
    ['0.100000000000', '0.200000000000', '0.300000000000'],
  );
});

test('as many servers as users are a delay', () => {
  const { throughput } = meanValueAnalysis(network([0.5, 1.5], [40, 40]), { users: 40, thinkTime: 2 });
  close(throughput, 10);
});

test('a station that nobody visits and the order of stations change nothing', () => {
  const stations = network([0.3, 0.7, 0.2], [2, 3, 1]);
  const workload = { users: 30, thinkTime: 1 };
  const expected = meanValueAnalysis(stations, workload);
  const unused = { name: 'unused', serviceDemand: 0, servers: 3 };
  const actual = meanValueAnalysis([unused, ...stations].reverse(), workload);
  close(actual.throughput, expected.throughput);
  assert.deepEqual(actual.stations.at(-1), { name: 'unused', utilisation: 0, responseTime: 0, concurrency: 0 });
  close(actual.stations[0]?.concurrency, expected.stations[2]?.concurrency ?? Number.NaN);
});

test('an hour of thought and a microsecond of service stay in range', () => {
  const { throughput, responseTime } = meanValueAnalysis(network([1e-6, 2e-6], [1, 2]), { users: 3, thinkTime: 3600 });
  close(throughput, 3 / 3600, 1e-8);
  close(responseTime, 3e-6, 1e-6);
});

test('2,000 users of four stations with 64 servers each are answered in 20 ms', () => {
  const stations = network([0.06, 0.05, 0.04, 0.062], [64, 64, 64, 64]);
  const times = Array.from({ length: 7 }, () => {
    const begin = performance.now();
    meanValueAnalysis(stations, { users: 2000, thinkTime: 1.9 });
    return performance.now() - begin;
  });
  assert.ok(Math.min(...times) < 20, `${times}`);
});

interface Means {
  readonly throughput: number;
  readonly concurrency: readonly number[];
}

function machineRepair({
  users,
  thinkTime,
  serviceTime,
  servers,
}: Record<'users' | 'thinkTime' | 'serviceTime' | 'servers', number>) {
  const logs = [0];
  for (let k = 1; k <= users; k++) {
    const ratio = ((users - k + 1) / thinkTime) * (serviceTime / Math.min(k, servers));
    logs.push((logs[k - 1] ?? 0) + Math.log(ratio));
  }
  const largest = logs.reduce((most, log) => Math.max(most, log));
  const weights = logs.map(log => Math.exp(log - largest));
  const total = weights.reduce((sum, weight) => sum + weight);
  const mean = (value: (k: number) => number) => weights.reduce((sum, weight, k) => sum + weight * value(k), 0) / total;
  return { throughput: mean(k => Math.min(k, servers)) / serviceTime, concurrency: mean(k => k) };
}

function enumerated(stations: readonly Station[], { users, thinkTime }: { users: number; thinkTime: number }): Means {
  let total = 0;
  let busy = 0;
  const present = stations.map(() => 0);
  const spread = (left: number, counts: readonly number[]): void => {
    if (counts.length < stations.length) {
      for (let here = 0; here <= left; here++) spread(left - here, [...counts, here]);
      return;
    }
    const parts = counts.map((k, i) => weightOf(k, stations[i]?.serviceDemand ?? 0, stations[i]?.servers ?? 1));
    const weight = parts.reduce((product, part) => product * part, weightOf(left, thinkTime, Infinity));
    total += weight;
    busy += weight * Math.min(counts[0] ?? 0, stations[0]?.servers ?? 1);
    for (const [i, k] of counts.entries()) present[i] = (present[i] ?? 0) + weight * k;
  };
  spread(users, []);
  return { throughput: busy / total / (stations[0]?.serviceDemand ?? 0), concurrency: present.map(sum => sum / total) };
}

function weightOf(requests: number, demand: number, servers: number): number {
  let weight = 1;
  for (let k = 1; k <= requests; k++) weight *= demand / Math.min(k, servers);
  return weight;
}

function recursion(demands: readonly number[], { users, thinkTime }: { users: number; thinkTime: number }): Means {
  let concurrency = demands.map(() => 0);
  let throughput = 0;
  for (let n = 1; n <= users; n++) {
    const times = demands.map((demand, i) => demand * (1 + (concurrency[i] ?? 0)));
    throughput = n / (thinkTime + times.reduce((sum, time) => sum + time));
    concurrency = times.map(time => throughput * time);
  }
  return { throughput, concurrency };
}

function close(actual: number | undefined, expected: number, tolerance = 1e-10): void {
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}
