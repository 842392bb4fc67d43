import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, shuffled } from '../search/seeded.ts';
import { asymptoticBounds, findBottleneckStation, type Station } from './asymptotic-bounds.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import { responseTimeOfUsers, type Users, utilisationAt } from './operational-laws.ts';

const multiServer = randomNetworks(120, 16);
const networks = [...multiServer, ...randomNetworks(120, 1)];

test("Little's law and the utilisation law hold at each station, and around the whole circle", () => {
  for (const { stations, workload } of networks) {
    const network = meanValueAnalysis(stations, workload);
    const { throughput, responseTime } = network;
    for (const [i, station] of stations.entries()) {
      const means = network.stations[i];
      close(means?.concurrency, throughput * (means?.responseTime ?? Number.NaN));
      close(means?.utilisation, utilisationAt({ ...station, throughput }));
    }
    // N = Σ N_i + X Z. The response time is a difference of large numbers when thinking takes nearly all of the time.
    const present = network.stations.reduce((sum, station) => sum + station.concurrency, 0);
    close(present + throughput * workload.thinkTime, workload.users);
    const ofUsers = responseTimeOfUsers({ ...workload, throughput });
    assert.ok(Math.abs(ofUsers - responseTime) <= 1e-9 * (responseTime + workload.thinkTime));
  }
  assert.throws(() => responseTimeOfUsers({ users: 1, thinkTime: 1, throughput: 2 }), RangeError);
});

test('asymptotic bounds hold the exact means, and one user meets them', () => {
  for (const { stations, workload } of networks) {
    const bounds = asymptoticBounds(stations, workload);
    const exact = meanValueAnalysis(stations, workload);
    for (const measure of ['throughput', 'responseTime'] as const) {
      ascending([bounds[measure].lower, exact[measure], bounds[measure].upper]);
    }
    const alone = { ...workload, users: 1 };
    const { upper, lower } = asymptoticBounds(stations, alone).throughput;
    close(meanValueAnalysis(stations, alone).throughput, Math.min(upper, lower));
  }
});

test('throughput rises with users, servers and haste, up to the saturation of the bottleneck', () => {
  for (const { stations, workload } of multiServer) {
    const { throughput, responseTime } = meanValueAnalysis(stations, workload);
    const more = meanValueAnalysis(stations, { ...workload, users: workload.users + 1 });
    const larger = meanValueAnalysis(
      stations.map(station => ({ ...station, servers: station.servers + 1 })),
      workload,
    );
    const hasty = meanValueAnalysis(stations, { ...workload, thinkTime: workload.thinkTime / 2 });
    ascending([throughput, more.throughput, findBottleneckStation(stations).saturation]);
    ascending([responseTime, more.responseTime]);
    ascending([larger.responseTime, responseTime]);
    ascending([throughput, larger.throughput]);
    ascending([throughput, hasty.throughput]);
  }
  const [first] = multiServer;
  assert.ok(first);
  const { throughput } = meanValueAnalysis(first.stations, { ...first.workload, users: 5000 });
  close(throughput, findBottleneckStation(first.stations).saturation, 1e-6);
});

test('one multi-server station is the machine repair model, near, at and beyond saturation', () => {
  const machines = [
    { users: 5, thinkTime: 1, serviceTime: 0.5, servers: 2 },
    { users: 100, thinkTime: 0.08, serviceTime: 0.02, servers: 19 },
    // There the recursion of the textbook loses all its digits.
    { users: 4900, thinkTime: 75, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 60, serviceTime: 1, servers: 64 },
    { users: 5000, thinkTime: 0.001, serviceTime: 1, servers: 64 },
    { users: 2000, thinkTime: 1, serviceTime: 0.1, servers: 10_000 },
  ];
  for (const { users, thinkTime, serviceTime, servers } of machines) {
    const logs = [0];
    for (let k = 1; k <= users; k++) {
      const ratio = ((users - k + 1) / thinkTime) * (serviceTime / Math.min(k, servers));
      logs.push((logs[k - 1] ?? 0) + Math.log(ratio));
    }
    const largest = logs.reduce((most, log) => Math.max(most, log));
    const weights = logs.map(log => Math.exp(log - largest));
    const mean = (value: (k: number) => number) =>
      weights.reduce((sum, weight, k) => sum + weight * value(k), 0) / weights.reduce((sum, weight) => sum + weight);
    const { throughput, stations } = meanValueAnalysis(network([serviceTime], [servers]), { users, thinkTime });
    close(throughput, mean(k => Math.min(k, servers)) / serviceTime, 1e-11);
    close(
      stations[0]?.concurrency,
      mean(k => k),
    );
  }
});

test('means are those of all states, weighed one by one; an unused station and the order change nothing', () => {
  const random = seededRandom(21);
  for (let round = 0; round < 40; round++) {
    const stations = network([random(), random(), random()], shuffled([1, 2, 3, 4], random));
    const workload = { users: 1 + Math.floor(random() * 12), thinkTime: round % 3 === 0 ? 0 : 3 * random() };
    const expected = enumerated(stations, workload);
    const unused = { name: 'unused', serviceDemand: 0, servers: 3 };
    const actual = meanValueAnalysis([unused, ...stations].reverse(), workload);
    close(actual.throughput, expected.throughput);
    const found = actual.stations.toReversed();
    assert.deepEqual(found[0], { name: 'unused', utilisation: 0, responseTime: 0, concurrency: 0 });
    for (const [i, concurrency] of expected.concurrency.entries()) close(found[i + 1]?.concurrency, concurrency);
  }
});

function network(demands: readonly number[], servers: readonly number[]): Station[] {
  return demands.map((serviceDemand, i) => ({ name: `station ${i + 1}`, serviceDemand, servers: servers[i] ?? 1 }));
}

function randomNetworks(number: number, mostServers: number): { stations: Station[]; workload: Users }[] {
  const random = seededRandom(number, mostServers, 3);
  return Array.from({ length: number }, () => {
    const stations = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => ({
      name: `station ${i + 1}`,
      serviceDemand: 10 ** (-3 + 3 * random()),
      servers: 1 + Math.floor(random() * mostServers),
    }));
    const users = 1 + Math.floor(random() ** 2 * 300);
    return { stations, workload: { users, thinkTime: random() < 0.3 ? 0 : 10 ** (-2 + 3 * random()) } };
  });
}

function enumerated(stations: readonly Station[], { users, thinkTime }: Users) {
  let total = 0;
  let busy = 0;
  const present = stations.map(() => 0);
  const spread = (left: number, counts: readonly number[]): void => {
    if (counts.length < stations.length) {
      for (let here = 0; here <= left; here++) spread(left - here, [...counts, here]);
      return;
    }
    const parts = counts.map((k, i) => computeWeight(k, stations[i]?.serviceDemand ?? 0, stations[i]?.servers ?? 1));
    const weight = parts.reduce((product, part) => product * part, computeWeight(left, thinkTime, Infinity));
    total += weight;
    busy += weight * Math.min(counts[0] ?? 0, stations[0]?.servers ?? 1);
    for (const [i, k] of counts.entries()) present[i] = (present[i] ?? 0) + weight * k;
  };
  spread(users, []);
  return { throughput: busy / total / (stations[0]?.serviceDemand ?? 0), concurrency: present.map(sum => sum / total) };
}

function computeWeight(requests: number, demand: number, servers: number): number {
  let weight = 1;
  for (let k = 1; k <= requests; k++) weight *= demand / Math.min(k, servers);
  return weight;
}

function ascending(values: readonly number[]): void {
  for (const [i, value] of values.entries()) assert.ok(value >= (values[i - 1] ?? 0) * (1 - 1e-10), `${values}`);
}

function close(actual: number | undefined, expected: number, tolerance = 1e-10): void {
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}
