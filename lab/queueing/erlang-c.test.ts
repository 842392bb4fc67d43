import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fewestServers, meanWait, waitingProbability, waitsLongerProbability } from './erlang-c.ts';

test('the probability to wait agrees with what can be worked out by hand', () => {
  // One server: C = ρ. Two servers: C = 2 ρ² ÷ (1 + ρ). Three servers and a = 2: C = 4 ÷ 9.
  close(waitingProbability({ arrivalRate: 0.7, serviceTime: 1, servers: 1 }), 0.7);
  close(waitingProbability({ arrivalRate: 80, serviceTime: 0.01, servers: 2 }), (2 * 0.4 ** 2) / 1.4);
  close(waitingProbability({ arrivalRate: 2, serviceTime: 1, servers: 3 }), 4 / 9);
});

test('with one server the mean wait is that of M/M/1', () => {
  // W = ρ S ÷ (1 − ρ)
  close(meanWait({ arrivalRate: 8, serviceTime: 0.1, servers: 1 }), (0.8 * 0.1) / 0.2);
});

test('fewer requests wait for longer, and fewer with more servers', () => {
  for (let servers = 4; servers < 60; servers++) {
    const pool = { arrivalRate: 30, serviceTime: 0.1, servers };
    const probability = waitingProbability(pool);
    assert.ok(probability > 0 && probability < 1);
    assert.ok(waitsLongerProbability(pool, 0.2) < waitsLongerProbability(pool, 0.1));
    close(waitsLongerProbability(pool, 0), probability);
    assert.ok(waitingProbability({ ...pool, servers: servers + 1 }) < probability);
  }
});

test('the fewest servers are enough, and one fewer is not', () => {
  for (const arrivalRate of [5, 60, 400]) {
    const demand = { arrivalRate, serviceTime: 0.1035 };
    const objective = { wait: 0.1465, fraction: 0.01 };
    const servers = fewestServers(demand, objective);
    assert.ok(waitsLongerProbability({ ...demand, servers }, objective.wait) <= objective.fraction);
    const fewer = { ...demand, servers: servers - 1 };
    const isStable = demand.arrivalRate * demand.serviceTime < fewer.servers;
    assert.ok(!isStable || waitsLongerProbability(fewer, objective.wait) > objective.fraction);
  }
});

test('a thousand servers neither overflow nor cancel', () => {
  const probability = waitingProbability({ arrivalRate: 990, serviceTime: 1, servers: 1000 });
  assert.ok(probability > 0.6 && probability < 0.75, `${probability}`);
});

test('what has no steady state is refused', () => {
  for (const pool of [
    { arrivalRate: 20, serviceTime: 0.1, servers: 2 },
    { arrivalRate: 30, serviceTime: 0.1, servers: 2 },
    { arrivalRate: 0, serviceTime: 0.1, servers: 2 },
    { arrivalRate: Number.NaN, serviceTime: 0.1, servers: 2 },
    { arrivalRate: 10, serviceTime: 0.1, servers: 1.5 },
  ]) {
    assert.throws(() => waitingProbability(pool), /no steady state/);
  }
  assert.throws(() => fewestServers({ arrivalRate: 10, serviceTime: 0.1 }, { wait: -0.1, fraction: 0.01 }), RangeError);
});

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual} is not ${expected}`);
}
