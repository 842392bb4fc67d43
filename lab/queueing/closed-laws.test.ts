import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { asymptoticBounds } from './asymptotic-bounds.ts';
import { responseTimeOfUsers, type Users } from './littles-law.ts';
import { meanValueAnalysis } from './mean-value-analysis.ts';
import { openNetwork } from './open-network.ts';
import { bottleneckOf, type Station } from './station.ts';
import { utilisationAt } from './utilisation-law.ts';

interface Closed {
  readonly stations: readonly Station[];
  readonly workload: Users;
}

const multiServer = randomNetworks(120, 16);
const singleServer = randomNetworks(120, 1);

test("Little's law and the utilisation law hold at each station, and around the whole circle", () => {
  for (const { stations, workload } of [...multiServer, ...singleServer]) {
    const network = meanValueAnalysis(stations, workload);
    const { throughput, responseTime } = network;
    for (const [i, station] of stations.entries()) {
      const means = network.stations[i];
      close(means?.concurrency ?? Number.NaN, throughput * (means?.responseTime ?? Number.NaN));
      close(means?.utilisation ?? Number.NaN, utilisationAt({ ...station, throughput }));
    }
    // N = Σ N_i + X Z. The response time is a difference of large numbers when thought takes nearly all of the time.
    const present = network.stations.reduce((sum, station) => sum + station.concurrency, 0);
    close(present + throughput * workload.thinkTime, workload.users);
    const ofUsers = responseTimeOfUsers({ ...workload, throughput });
    assert.ok(Math.abs(ofUsers - responseTime) <= 1e-9 * (responseTime + workload.thinkTime));
  }
});

test('asymptotic bounds hold the exact means of multi-server stations', () => {
  for (const { stations, workload } of multiServer) {
    const bounds = asymptoticBounds(stations, workload);
    const exact = meanValueAnalysis(stations, workload);
    for (const measure of ['throughput', 'responseTime'] as const) {
      ascending([bounds[measure].lower, exact[measure], bounds[measure].upper]);
    }
  }
});

test('the bounds of throughput and of response time say the same', () => {
  for (const { stations, workload } of singleServer) {
    const { throughput, responseTime } = asymptoticBounds(stations, workload);
    close(throughput.upper, workload.users / (responseTime.lower + workload.thinkTime));
    close(throughput.lower, workload.users / (responseTime.upper + workload.thinkTime));
  }
});

test('one user meets the bounds of all who do not wait', () => {
  for (const { stations, workload } of [...multiServer, ...singleServer]) {
    const alone = { ...workload, users: 1 };
    const { throughput } = asymptoticBounds(stations, alone);
    close(meanValueAnalysis(stations, alone).throughput, Math.min(throughput.upper, throughput.lower));
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
    ascending([throughput, more.throughput, bottleneckOf(stations).saturation]);
    ascending([responseTime, more.responseTime]);
    ascending([larger.responseTime, responseTime]);
    ascending([throughput, larger.throughput]);
    ascending([throughput, hasty.throughput]);
  }
  const [first] = multiServer;
  assert.ok(first);
  const { throughput } = meanValueAnalysis(first.stations, { ...first.workload, users: 5000 });
  close(throughput, bottleneckOf(first.stations).saturation, 1e-6);
});

test('many users who think for long are an open load', () => {
  const stations = [
    { name: 'cpu', serviceDemand: 0.3, servers: 2 },
    { name: 'disk', serviceDemand: 0.1, servers: 1 },
  ];
  const open = openNetwork(stations, { arrivalRate: 4 });
  assert.equal(open.state, 'stable');
  const users = 200_000;
  const closed = meanValueAnalysis(stations, { users, thinkTime: users / 4 });
  close(closed.throughput, 4, 1e-4);
  close(closed.responseTime, open.responseTime, 1e-3);
});

function randomNetworks(number: number, mostServers: number): Closed[] {
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

function ascending(values: readonly number[]): void {
  for (const [i, value] of values.entries()) {
    const before = values[i - 1] ?? 0;
    assert.ok(value >= before * (1 - 1e-10), `${values}`);
  }
}

function close(actual: number, expected: number, tolerance = 1e-10): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);
}
