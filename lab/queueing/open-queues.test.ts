import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../search/seeded.ts';
import * as erlang from './erlang-c.ts';
import * as gm1 from './gm1.ts';
import * as mgc from './mgc.ts';
import { concurrencyAt, responseTimeAt, saturationThroughput, utilisationAt } from './operational-laws.ts';

type Pool = erlang.ServerPool;
const pools = randomPools(200);
const single = randomPools(100, 1);

test('the operational laws agree with values worked out by hand, and undo each other', () => {
  assert.equal(utilisationAt({ throughput: 500, serviceDemand: 0.004, servers: 4 }), 0.5);
  assert.equal(concurrencyAt({ throughput: 200, responseTime: 0.05 }), 10);
  for (const { serviceTime: serviceDemand, servers, arrivalRate: throughput } of pools) {
    close(utilisationAt({ throughput: saturationThroughput({ serviceDemand, servers }), serviceDemand, servers }), 1);
    const concurrency = concurrencyAt({ throughput, responseTime: serviceDemand });
    close(responseTimeAt({ concurrency, throughput }), serviceDemand);
  }
});

test('Erlang C agrees with values worked out by hand, and stays in range with a thousand servers', () => {
  // One server: C = ρ. Two servers: C = 2 ρ² ÷ (1 + ρ). Three servers and a = 2: C = 4 ÷ 9.
  close(erlang.waitingProbability({ arrivalRate: 0.7, serviceTime: 1, servers: 1 }), 0.7);
  close(erlang.waitingProbability({ arrivalRate: 80, serviceTime: 0.01, servers: 2 }), (2 * 0.4 ** 2) / 1.4);
  close(erlang.waitingProbability({ arrivalRate: 2, serviceTime: 1, servers: 3 }), 4 / 9);
  const many = erlang.waitingProbability({ arrivalRate: 990, serviceTime: 1, servers: 1000 });
  assert.ok(many > 0.6 && many < 0.75, `${many}`);
});

test('the fewest servers are enough, and one fewer is not', () => {
  for (const arrivalRate of [5, 60, 400]) {
    const demand = { arrivalRate, serviceTime: 0.1035 };
    const objective = { wait: 0.1465, fraction: 0.01 };
    const servers = erlang.fewestServers(demand, objective);
    const longer = (count: number) => erlang.waitsLongerProbability({ ...demand, servers: count }, objective.wait);
    assert.ok(longer(servers) <= objective.fraction);
    assert.ok(demand.arrivalRate * demand.serviceTime >= servers - 1 || longer(servers - 1) > objective.fraction);
  }
  assert.throws(() => erlang.fewestServers({ arrivalRate: 9, serviceTime: 1 }, { wait: 1, fraction: 0 }), RangeError);
});

test('the probabilities of longer times sum up to the mean, with equal rates of waiting and serving too', () => {
  // M/M/2 with μ = 10, λ = 10: C = 1/3, P(R > t) = exp(−10 t) (1 + 10 t ÷ 3).
  const equal = { arrivalRate: 10, serviceTime: 0.1, servers: 2 };
  close(erlang.responseTimeLongerProbability(equal, 0.3), Math.exp(-3) * 2);
  for (const pool of [equal, { ...equal, arrivalRate: 10 + 1e-9 }, ...pools.slice(0, 40)]) {
    const end = erlang.responseTimeQuantile(pool, 1 - 1e-12);
    const mean = erlang.meanWait(pool) + pool.serviceTime;
    close(
      integral(time => erlang.responseTimeLongerProbability(pool, time), end),
      mean,
      1e-6,
    );
  }
  const wait = waitIn({ arrivalRate: 70, serviceTime: 0.1, servers: 8 }, 2);
  const waits = integral(time => mgc.waitLongerProbability(wait, time), mgc.waitQuantile(wait, 1 - 1e-13));
  close(waits, wait.mean, 1e-6);
});

test('quantile and probability undo each other', () => {
  const random = seededRandom(11);
  for (const pool of pools) {
    const quantile = random() * 0.9999;
    const time = erlang.responseTimeQuantile(pool, quantile);
    close(1 - erlang.responseTimeLongerProbability(pool, time), quantile, 1e-9);
    const wait = waitIn(pool, random() * 3);
    const longest = mgc.waitQuantile(wait, quantile);
    if (longest > 0) close(1 - mgc.waitLongerProbability(wait, longest), quantile, 1e-9);
    else assert.ok(1 - wait.waiting >= quantile - 1e-12);
  }
});

test('more arrivals wait longer, more servers shorter, and so do fewer for longer', () => {
  for (const pool of pools) {
    const room = pool.servers / pool.serviceTime - pool.arrivalRate;
    const busier = { ...pool, arrivalRate: pool.arrivalRate + 0.1 * room };
    const larger = { ...pool, servers: pool.servers + 1 };
    assert.ok(erlang.meanWait(busier) > erlang.meanWait(pool) && erlang.meanWait(larger) < erlang.meanWait(pool));
    const [p99, p99Busier, p99Larger] = [pool, busier, larger].map(one => erlang.responseTimeQuantile(one, 0.99));
    assert.ok(p99 && p99Busier && p99Larger && p99Busier >= p99 && p99Larger <= p99);
    assert.ok(p99 > erlang.responseTimeQuantile(pool, 0.5));
    const S = pool.serviceTime;
    assert.ok(erlang.waitsLongerProbability(pool, 2 * S) < erlang.waitsLongerProbability(pool, S));
  }
});

test('M/G/c becomes M/M/c and M/G/1, and waits half as long where all service times are equal', () => {
  for (const pool of pools) {
    const [even, exponential, variable] = [0, 1, 2].map(variation => waitIn(pool, variation));
    assert.ok(even && exponential && variable);
    close(exponential.mean, erlang.meanWait(pool));
    close(even.mean, exponential.mean / 2);
    assert.ok(mgc.waitQuantile(variable, 0.999) >= mgc.waitQuantile(exponential, 0.999));
    for (const time of [0, pool.serviceTime, 10 * pool.serviceTime]) {
      close(mgc.waitLongerProbability(exponential, time), erlang.waitsLongerProbability(pool, time));
    }
  }
  for (const { arrivalRate, serviceTime } of single) {
    // Pollaczek and Khinchine: W = ρ S (1 + c²) ÷ (2 (1 − ρ)).
    const busy = arrivalRate * serviceTime;
    const expected = (busy * serviceTime * (1 + 0.4)) / (2 * (1 - busy));
    close(waitIn({ arrivalRate, serviceTime, servers: 1 }, 0.4).mean, expected, 1e-9);
  }
  assert.deepEqual(mgc.estimateWait({ waiting: 0, excess: 10, serviceVariation: 1 }), { waiting: 0, mean: 0 });
  assert.equal(mgc.waitQuantile({ waiting: 0, mean: 0 }, 0.999), 0);
});

test('G/M/1 with Poisson arrivals is M/M/1, and with even ones waits less', () => {
  for (const { arrivalRate, serviceTime } of single) {
    const poisson = { ...gm1.poissonArrivals(arrivalRate), serviceTime };
    const even = { ...gm1.evenArrivals(arrivalRate), serviceTime };
    close(gm1.waitingProbability(poisson), arrivalRate * serviceTime, 1e-9);
    close(gm1.meanWait(poisson), erlang.meanWait({ arrivalRate, serviceTime, servers: 1 }), 1e-9);
    assert.ok(gm1.meanWait(even) < gm1.meanWait(poisson));
  }
});

test('a queue without a steady state is refused', () => {
  for (const arrivalRate of [20, 30, Number.NaN]) {
    assert.throws(() => erlang.waitingProbability({ arrivalRate, serviceTime: 0.1, servers: 2 }), RangeError);
    assert.throws(() => gm1.meanWait({ ...gm1.evenArrivals(arrivalRate), serviceTime: 0.05 }), RangeError);
  }
  assert.throws(() => mgc.estimateWait({ waiting: 1, excess: 0, serviceVariation: 1 }), RangeError);
});

function waitIn(pool: Pool, serviceVariation: number): mgc.Wait {
  const excess = pool.servers / pool.serviceTime - pool.arrivalRate;
  return mgc.estimateWait({ waiting: erlang.waitingProbability(pool), excess, serviceVariation });
}

function randomPools(number: number, mostServers = 64): Pool[] {
  const random = seededRandom(number, mostServers);
  return Array.from({ length: number }, () => {
    const serviceTime = 10 ** (-4 + 4 * random());
    const servers = 1 + Math.floor(random() * mostServers);
    return { arrivalRate: ((0.001 + random() * 0.998) * servers) / serviceTime, serviceTime, servers };
  });
}

/** ∫ f over 0 … end by Simpson's rule, at places that lie closer the nearer they are to 0. */
function integral(f: (x: number) => number, end: number, steps = 1000): number {
  const substituted = (u: number) => f(end * u ** 3) * 3 * end * u ** 2;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * substituted(i / steps);
  return sum / (3 * steps);
}

function close(actual: number, expected: number, tolerance = 1e-10): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);
}
