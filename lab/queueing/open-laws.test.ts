import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import { meanWait, type ServerPool, waitingProbability, waitsLongerProbability } from './erlang-c.ts';
import * as gm1 from './gm1.ts';
import * as littles from './littles-law.ts';
import * as mg1 from './mg1.ts';
import * as mgc from './mgc.ts';
import * as mmc from './mmc.ts';
import * as mmck from './mmck.ts';
import { openNetwork } from './open-network.ts';
import { saturationThroughput, utilisationAt } from './utilisation-law.ts';

const pools = randomPools(200);

test('utilisation at the saturation throughput is 1, and in proportion below it', () => {
  for (const { serviceTime, servers } of pools) {
    const saturation = saturationThroughput({ serviceDemand: serviceTime, servers });
    close(utilisationAt({ throughput: saturation, serviceDemand: serviceTime, servers }), 1);
    close(utilisationAt({ throughput: 0.3 * saturation, serviceDemand: serviceTime, servers }), 0.3);
  }
  assert.equal(utilisationAt({ throughput: 500, serviceDemand: 0.004, servers: 4 }), 0.5);
});

test("each of Little's two forms undoes the other", () => {
  assert.equal(littles.concurrencyAt({ throughput: 200, responseTime: 0.05 }), 10);
  for (const { arrivalRate: throughput, serviceTime: responseTime } of pools) {
    const concurrency = littles.concurrencyAt({ throughput, responseTime });
    close(littles.responseTimeAt({ concurrency, throughput }), responseTime);
  }
});

test("Little's law holds for what waits, what is served, and both", () => {
  for (const pool of pools) {
    const { arrivalRate, serviceTime } = pool;
    const served = arrivalRate * serviceTime;
    close(mmc.concurrency(pool), mmc.queueLength(pool) + served);
    close(
      mmc.concurrency(pool),
      littles.concurrencyAt({ throughput: arrivalRate, responseTime: mmc.responseTime(pool) }),
    );
  }
});

test('with one server the response time is exponential', () => {
  for (const { arrivalRate, serviceTime } of randomPools(100, 1)) {
    const pool = { arrivalRate, serviceTime, servers: 1 };
    const left = 1 / serviceTime - arrivalRate;
    close(mmc.responseTime(pool), 1 / left);
    close(mmc.responseTimeLongerProbability(pool, 2 * serviceTime), Math.exp(-left * 2 * serviceTime));
    close(mmc.responseTimeQuantile(pool, 0.99), Math.log(100) / left);
  }
});

test('the response times sum up to their mean', () => {
  // The mean is the integral of P(R > t). 2 servers at ρ = ½ is the case of equal rates, and beside it nearly equal ones.
  const equal = [0, 1e-13, 1e-9, 1e-5].map(more => ({ arrivalRate: 10 + more, serviceTime: 0.1, servers: 2 }));
  for (const pool of [...equal, ...pools.slice(0, 40)]) {
    const end = mmc.responseTimeQuantile(pool, 1 - 1e-12);
    const integral = simpson(time => mmc.responseTimeLongerProbability(pool, time), end, 1000);
    close(integral, mmc.responseTime(pool), 1e-6);
  }
});

test('with equal rates of waiting and serving nothing is divided by 0', () => {
  // M/M/2 with μ = 10, λ = 10: C = 1/3, P(R > t) = exp(−10 t) (1 + 10 t ÷ 3).
  const pool = { arrivalRate: 10, serviceTime: 0.1, servers: 2 };
  close(mmc.responseTimeLongerProbability(pool, 0.3), Math.exp(-3) * 2);
});

test('quantile and probability undo each other', () => {
  const random = seededRandom(11);
  for (const pool of pools) {
    const quantile = random() * 0.9999;
    const time = mmc.responseTimeQuantile(pool, quantile);
    close(1 - mmc.responseTimeLongerProbability(pool, time), quantile, 1e-9);
    const wait = waitOf(pool, random() * 3);
    const longest = mgc.waitQuantile(wait, quantile);
    if (longest > 0) close(1 - mgc.waitLongerProbability(wait, longest), quantile, 1e-9);
    else assert.ok(1 - waitingProbability(pool) >= quantile - 1e-12);
  }
});

test('more arrivals wait longer, more servers shorter', () => {
  for (const pool of pools) {
    const room = pool.servers / pool.serviceTime - pool.arrivalRate;
    const busier = { ...pool, arrivalRate: pool.arrivalRate + 0.1 * room };
    const larger = { ...pool, servers: pool.servers + 1 };
    for (const measure of [meanWait, mmc.queueLength]) {
      assert.ok(measure(busier) > measure(pool));
      assert.ok(measure(larger) < measure(pool));
    }
    // Where hardly anybody waits the response time is the service time to the last digit.
    for (const measure of [mmc.responseTime, mmc.concurrency]) {
      assert.ok(measure(busier) >= measure(pool));
      assert.ok(measure(larger) <= measure(pool));
    }
    const p99 = mmc.responseTimeQuantile(pool, 0.99);
    assert.ok(mmc.responseTimeQuantile(busier, 0.99) >= p99 && mmc.responseTimeQuantile(larger, 0.99) <= p99);
    assert.ok(p99 > mmc.responseTimeQuantile(pool, 0.5));
  }
});

test('M/G/c becomes M/M/c, M/M/1 and M/D/1 where these are what it is asked for', () => {
  for (const pool of pools) {
    const exponential = waitOf(pool, 1);
    close(exponential.mean, meanWait(pool));
    for (const time of [0, pool.serviceTime, 10 * pool.serviceTime]) {
      close(mgc.waitLongerProbability(exponential, time), waitsLongerProbability(pool, time));
    }
    const one = { ...pool, servers: 1, arrivalRate: pool.arrivalRate / pool.servers };
    for (const serviceVariation of [0, 0.4, 1, 5]) {
      close(waitOf(one, serviceVariation).mean, mg1.meanWait({ ...one, serviceVariation }));
    }
    close(mg1.meanWait({ ...one, serviceVariation: 1 }), meanWait(one));
  }
});

test('waits grow with variability, and are half as long where all requests take the same time', () => {
  for (const pool of pools) {
    const [even, exponential, variable] = [0, 1, 2].map(variation => waitOf(pool, variation));
    assert.ok(even && exponential && variable);
    close(even.mean, exponential.mean / 2);
    assert.ok(variable.mean > exponential.mean);
    assert.ok(mgc.waitQuantile(variable, 0.999) >= mgc.waitQuantile(exponential, 0.999));
  }
});

test('the waits of M/G/c sum up to their mean', () => {
  const wait = waitOf({ arrivalRate: 70, serviceTime: 0.1, servers: 8 }, 2);
  const end = mgc.waitQuantile(wait, 1 - 1e-13);
  close(
    simpson(time => mgc.waitLongerProbability(wait, time), end, 1000),
    wait.mean,
    1e-6,
  );
});

test('where nobody has to wait, no wait is longer than 0', () => {
  const none = mgc.estimateWait({ waiting: 0, excess: 10, serviceVariation: 1 });
  assert.deepEqual(none, { waiting: 0, mean: 0 });
  assert.equal(mgc.waitLongerProbability(none, 0), 0);
  assert.equal(mgc.waitQuantile(none, 0.999), 0);
});

test('G/M/1 with Poisson arrivals is M/M/1, and with even ones waits less', () => {
  for (const { arrivalRate, serviceTime } of randomPools(100, 1)) {
    const poisson = { ...gm1.poissonArrivals(arrivalRate), serviceTime };
    const even = { ...gm1.evenArrivals(arrivalRate), serviceTime };
    close(gm1.waitingProbability(poisson), arrivalRate * serviceTime, 1e-9);
    close(gm1.meanWait(poisson), meanWait({ arrivalRate, serviceTime, servers: 1 }), 1e-9);
    assert.ok(gm1.meanWait(even) < gm1.meanWait(poisson));
    const busy = gm1.waitingProbability(even);
    close(busy, Math.exp(-(1 - busy) / (arrivalRate * serviceTime)), 1e-9);
  }
});

test('a limited pool is M/M/c when it is large, and loses by Erlang when nobody may wait', () => {
  for (const pool of randomPools(60, 16, 0.9)) {
    const roomy = { ...pool, places: pool.servers + 600 };
    close(mmck.responseTime(roomy), mmc.responseTime(pool), 1e-9);
    close(mmck.throughput(roomy), pool.arrivalRate, 1e-9);
    close(mmck.throughput({ ...pool, places: pool.servers }), pool.arrivalRate * (1 - erlangB(pool)));
    close(mmck.responseTime({ ...pool, places: pool.servers }), pool.serviceTime);
  }
});

test("Little's law and the utilisation law hold in a limited pool, below saturation and beyond it", () => {
  const random = seededRandom(5);
  for (const pool of pools) {
    const limited = {
      ...pool,
      arrivalRate: pool.arrivalRate * 3 * random(),
      places: pool.servers + Math.floor(random() * 50),
    };
    const throughput = mmck.throughput(limited);
    close(mmck.concurrency(limited), throughput * mmck.responseTime(limited));
    assert.ok(throughput <= limited.arrivalRate * (1 + 1e-12));
    assert.ok(utilisationAt({ throughput, serviceDemand: pool.serviceTime, servers: pool.servers }) <= 1);
    const larger = { ...limited, places: limited.places + 1 };
    assert.ok(mmck.throughput(larger) >= throughput * (1 - 1e-12));
    assert.ok(mmck.responseTime(larger) >= mmck.responseTime(limited) * (1 - 1e-12));
  }
});

test('a limited pool far beyond saturation is full, with thousands of servers too', () => {
  const pool = { arrivalRate: 1e6, serviceTime: 1, servers: 5000, places: 9000 };
  close(mmck.throughput(pool), 5000, 1e-9);
  close(mmck.responseTime(pool), 9000 / 5000, 1e-3);
});

test('an open network is its stations one after the other', () => {
  const random = seededRandom(6);
  for (let network = 0; network < 100; network++) {
    const stations = [1, 2, 3, 4].map(i => ({
      name: `station ${i}`,
      serviceDemand: 0.001 + random(),
      servers: 1 + Math.floor(random() * 8),
    }));
    const saturation = Math.min(...stations.map(saturationThroughput));
    const arrivalRate = saturation * (0.01 + 0.98 * random());
    const flows = openNetwork([...stations, { name: 'unused', serviceDemand: 0, servers: 1 }], { arrivalRate });
    assert.equal(flows.state, 'stable');
    close(flows.concurrency, arrivalRate * flows.responseTime);
    for (const [i, station] of stations.entries()) {
      const flow = flows.stations[i];
      const throughput = arrivalRate;
      close(flow?.utilisation ?? Number.NaN, utilisationAt({ ...station, throughput }));
      close(
        flow?.responseTime ?? Number.NaN,
        mmc.responseTime({ ...station, arrivalRate, serviceTime: station.serviceDemand }),
      );
    }
    assert.deepEqual(flows.stations[4], { name: 'unused', utilisation: 0, responseTime: 0, concurrency: 0 });
  }
});

test('a network that is asked for more than it carries names the station that gives out and its saturation', () => {
  const stations = [
    { name: 'workers', serviceDemand: 0.02, servers: 19 },
    { name: 'cpu', serviceDemand: 0.001, servers: 2 },
  ];
  const expected = { state: 'unstable', bottleneck: 'workers', saturation: 950 };
  assert.deepEqual(openNetwork(stations, { arrivalRate: 950 }), expected);
  assert.deepEqual(openNetwork(stations, { arrivalRate: 1e9 }), expected);
  assert.equal(openNetwork(stations, { arrivalRate: 949 }).state, 'stable');
});

function waitOf(pool: ServerPool, serviceVariation: number): mgc.Wait {
  const excess = pool.servers / pool.serviceTime - pool.arrivalRate;
  return mgc.estimateWait({ waiting: waitingProbability(pool), excess, serviceVariation });
}

function randomPools(number: number, mostServers = 64, mostUtilisation = 0.999): ServerPool[] {
  const random = seededRandom(number, mostServers);
  return Array.from({ length: number }, () => {
    const serviceTime = 10 ** (-4 + 4 * random());
    const servers = 1 + Math.floor(random() * mostServers);
    return {
      arrivalRate: ((0.001 + random() * (mostUtilisation - 0.001)) * servers) / serviceTime,
      serviceTime,
      servers,
    };
  });
}

/** Erlang's first formula, as the sum that defines it. */
function erlangB({ arrivalRate, serviceTime, servers }: ServerPool): number {
  let [term, sum] = [1, 1];
  for (let k = 1; k <= servers; k++) {
    term *= (arrivalRate * serviceTime) / k;
    sum += term;
  }
  return term / sum;
}

/** ∫ f over 0 … end, at places that lie closer the nearer they are to 0. */
function simpson(f: (x: number) => number, end: number, steps: number): number {
  const substituted = (u: number) => f(end * u ** 3) * 3 * end * u ** 2;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * substituted(i / steps);
  return sum / (3 * steps);
}

function close(actual: number, expected: number, tolerance = 1e-10): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);
}
