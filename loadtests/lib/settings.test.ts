import assert from 'node:assert/strict';
import { test } from 'node:test';
import { burstSettings, closedSettings, type Environment, liveSettings, openSettings } from './settings.ts';

const TARGET = 'http://127.0.0.1:8085';

test('what is not set has a default', () => {
  assert.deepEqual(openSettings({ TARGET: `${TARGET}/` }), {
    target: TARGET,
    requests: [{ weight: 1, method: 'GET', path: '/plain' }],
    warmUp: 1,
    steadyState: 10,
    timeLimit: 2.5,
    objective: 0.25,
    sources: 1,
    seed: 1,
    orders: undefined,
    json: false,
    arrivalRate: 100,
  });
});

test('a load under control has two sources', () => {
  assert.equal(openSettings({ TARGET, ORDERS: 'http://127.0.0.1:1/' }).sources, 2);
});

test('a live load wants to know whom to ask, and has another seed at each start', () => {
  const ORDERS = 'http://127.0.0.1:3001/';
  assert.deepEqual(liveSettings({ ORDERS }), { orders: ORDERS, seed: undefined });
  assert.equal(liveSettings({ ORDERS, SEED: '7' }).seed, 7);
});

type Read = (environment: Environment) => unknown;
const refused: [environment: Environment, read: Read, message: RegExp][] = [
  [{}, openSettings, /^TARGET is not set/],
  [{ TARGET: `${TARGET}/plain` }, openSettings, /^TARGET is "http:.*plain"/],
  [{ TARGET, ARRIVAL_RATE: '-1' }, openSettings, /^ARRIVAL_RATE is "-1"/],
  [{ TARGET, WARM_UP: '3s' }, openSettings, /^WARM_UP is "3s"/],
  [{ TARGET, STEADY_STATE: '0' }, openSettings, /^STEADY_STATE is "0"/],
  [{ TARGET, TIME_LIMIT: 'Infinity' }, openSettings, /^TIME_LIMIT is "Infinity"/],
  [{ TARGET, SOURCES: '1.5' }, openSettings, /^SOURCES is "1.5"/],
  [{ TARGET, USERS: '0' }, closedSettings, /^USERS is "0"/],
  [{ TARGET, BURST: '0' }, burstSettings, /^BURST is "0"/],
  [{ ORDERS: '/orders' }, liveSettings, /^ORDERS is "\/orders"/],
  [{ TARGET, REQUESTS: '/plain' }, openSettings, /^REQUESTS is/],
  [{ TARGET, REQUESTS: '[]' }, openSettings, /^REQUESTS is/],
  [{ TARGET, REQUESTS: '[{ "weight": 1, "method": "GET" }]' }, openSettings, /^REQUESTS is/],
];
for (const [environment, read, message] of refused) {
  test(`${JSON.stringify(environment)} is refused by the variable's name`, () =>
    assert.throws(() => read(environment), { message }));
}
