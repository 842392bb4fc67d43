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

const refused: [
  name: string,
  environment: Environment,
  read: (environment: Environment) => unknown,
  message: RegExp,
][] = [
  ['no target', {}, openSettings, /^TARGET is not set: give the base URL/],
  ['a target with a path', { TARGET: `${TARGET}/plain` }, openSettings, /^TARGET is "http:.*plain": give the base URL/],
  ['a rate below 0', { TARGET, ARRIVAL_RATE: '-1' }, openSettings, /^ARRIVAL_RATE is "-1": give a number from 0$/],
  ['a duration in words', { TARGET, WARM_UP: '3s' }, openSettings, /^WARM_UP is "3s": give a number from 0$/],
  ['no steady state', { TARGET, STEADY_STATE: '0' }, openSettings, /^STEADY_STATE is "0": give a number above 0$/],
  ['an endless time limit', { TARGET, TIME_LIMIT: 'Infinity' }, openSettings, /^TIME_LIMIT is "Infinity"/],
  ['nobody to ask', {}, liveSettings, /^ORDERS is not set: give the address to ask/],
  ['an address without a host', { ORDERS: '/orders' }, liveSettings, /^ORDERS is "\/orders": give the address to ask/],
  ['half a source', { TARGET, SOURCES: '1.5' }, openSettings, /^SOURCES is "1.5": give a whole number from 1$/],
  ['no users', { TARGET, USERS: '0' }, closedSettings, /^USERS is "0": give a whole number from 1$/],
  ['an empty burst', { TARGET, BURST: '0' }, burstSettings, /^BURST is "0": give a whole number from 1$/],
  [
    'requests that are no JSON',
    { TARGET, REQUESTS: '/plain' },
    openSettings,
    /^REQUESTS is "\/plain": give a JSON list/,
  ],
  ['no requests', { TARGET, REQUESTS: '[]' }, openSettings, /^REQUESTS is "\[\]": give a JSON list/],
  [
    'a request without a path',
    { TARGET, REQUESTS: '[{ "weight": 1, "method": "GET" }]' },
    openSettings,
    /^REQUESTS is .*: give a JSON list/,
  ],
];
for (const [name, environment, read, message] of refused) {
  test(`${name} is refused by the variable's name`, () => {
    assert.throws(() => read(environment), { message });
  });
}
