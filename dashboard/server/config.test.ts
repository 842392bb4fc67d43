import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { ConfigError } from '../../model/environment.ts';
import { configOf, PageConfigError } from './config.ts';

const container = {
  LOADLINE_TOPOLOGIES: 'sync,hybrid',
  LOADLINE_PROCESSES: '2',
  LOADLINE_DATABASE_CONNECTIONS: '20',
  LOADLINE_DATABASE_URL: 'postgres://loadline:secret@database:5432/loadline',
  LOADLINE_REQUEST_LOG: '/var/log/loadline/live.log',
  LOADLINE_HOST: '0.0.0.0',
};

test('in containers each topology is a service of its own name, and k6 reaches it by way of nginx', () => {
  assert.deepEqual(configOf(container), {
    stack: {
      deployments: [
        {
          deployment: deploymentOf('sync', 2),
          target: 'http://nginx:8081',
          nginxPort: 8081,
          controls: ['http://sync:10001', 'http://sync:10002'],
        },
        {
          deployment: deploymentOf('hybrid', 2, { databaseConnections: 20 }),
          target: 'http://nginx:8085',
          nginxPort: 8085,
          controls: ['http://hybrid:10001', 'http://hybrid:10002'],
        },
      ],
      requestLog: '/var/log/loadline/live.log',
      databaseUrl: 'postgres://loadline:secret@database:5432/loadline',
    },
    host: '0.0.0.0',
    webPort: 3000,
    deskPort: 3001,
    pageAddress: 'http://127.0.0.1:8080',
    known: { origins: [], setting: { variable: 'PAGE_HOSTS', hosts: [], start: 'docker compose up' } },
  });
});

const hybrid = {
  deployment: deploymentOf('hybrid', 1),
  target: 'http://127.0.0.1:9005',
  nginxPort: 9005,
  controls: ['http://127.0.0.1:31000'],
};
const local = (stack: unknown) => ({
  LOADLINE_STACK: JSON.stringify(stack),
  LOADLINE_DATABASE_URL: 'postgres://loadline@127.0.0.1:5432/postgres',
});

test('a local stack is given as it is', () => {
  const config = configOf({
    ...local({ deployments: [hybrid], requestLog: '/tmp/live.log' }),
    LOADLINE_WEB_PORT: '4000',
    LOADLINE_DESK_PORT: '4001',
    LOADLINE_RUNS: '/srv/runs',
    LOADLINE_PAGE_ADDRESS: 'http://127.0.0.1:9000/',
  });
  assert.deepEqual(config.stack, {
    deployments: [hybrid],
    requestLog: '/tmp/live.log',
    databaseUrl: 'postgres://loadline@127.0.0.1:5432/postgres',
  });
  const { host, webPort, deskPort, runs, pageAddress, pageToken } = config;
  assert.deepEqual(
    { host, webPort, deskPort, runs, pageAddress, pageToken },
    {
      host: '127.0.0.1',
      webPort: 4000,
      deskPort: 4001,
      runs: '/srv/runs',
      pageAddress: 'http://127.0.0.1:9000',
      pageToken: undefined,
    },
  );
});

test('a page that other machines reach has a token, and is asked for under the names that are given', () => {
  const config = configOf({
    ...container,
    LOADLINE_PUBLISHED_ON: '192.0.2.7',
    LOADLINE_PAGE_TOKEN: 'sixteen-letters-',
    LOADLINE_PAGE_ADDRESS: 'https://load.example',
    LOADLINE_PAGE_HOSTS: 'other.example:8443, [2001:db8::1]:8443',
  });
  assert.equal(config.pageToken, 'sixteen-letters-');
  assert.deepEqual(config.known.origins, [
    'https://load.example',
    'https://192.0.2.7',
    'https://other.example:8443',
    'https://[2001:db8::1]:8443',
  ]);
});

test('a token may be asked for on loopback too', () => {
  assert.equal(configOf({ ...container, LOADLINE_PAGE_TOKEN: 'sixteen-letters-' }).pageToken, 'sixteen-letters-');
});

test('the address that is told is one at which the page is published', () => {
  const addressOn = (on: string, address?: string) =>
    configOf({
      ...container,
      LOADLINE_PUBLISHED_ON: on,
      LOADLINE_PAGE_TOKEN: 'sixteen-letters-',
      ...(address !== undefined && { LOADLINE_PAGE_ADDRESS: address }),
    }).pageAddress;
  assert.equal(addressOn('192.168.1.5'), 'http://192.168.1.5:8080');
  assert.equal(addressOn('127.0.0.2', 'http://127.0.0.1:9000'), 'http://127.0.0.2:9000');
  assert.equal(addressOn('::1'), 'http://[::1]:8080');
  for (const on of ['127.0.0.1', '0.0.0.0', '']) assert.equal(addressOn(on), 'http://127.0.0.1:8080');
  assert.equal(addressOn('127.0.0.1', 'http://localhost:8080'), 'http://localhost:8080');
  assert.equal(addressOn('192.168.1.5', 'https://load.example'), 'https://load.example');
});

test('a name behind TLS is given as an origin, beside plain ones', () => {
  const hosts = 'https://stage.example,other.example:8080';
  const { origins } = configOf({ ...container, LOADLINE_PAGE_HOSTS: hosts }).known;
  assert.deepEqual(origins, ['https://stage.example', 'http://other.example:8080']);
});

test('a mistake in the settings of the page is told in the names that the user sets, with a line to type', () => {
  const told = (environment: Record<string, string>) => {
    try {
      return configOf(environment);
    } catch (error) {
      assert.ok(error instanceof PageConfigError);
      return [/^\w+/.exec(error.detail)?.[0], error.command.replace(/\$\(.*\)/, '…')];
    }
  };
  const published = { LOADLINE_PUBLISHED_ON: '0.0.0.0' };
  assert.deepEqual(told({ ...container, ...published }), [
    'PAGE_TOKEN',
    'PAGE_ADDRESS=0.0.0.0 PAGE_TOKEN=… docker compose up',
  ]);
  assert.deepEqual(told({ ...container, LOADLINE_PAGE_HOSTS: 'a/b' }), [
    'PAGE_HOSTS',
    'PAGE_HOSTS=https://a.example docker compose up',
  ]);
  const stack = local({ deployments: [hybrid], requestLog: '/tmp/live.log' });
  assert.deepEqual(told({ ...stack, LOADLINE_PAGE_TOKEN: 'short' }), [
    'LOADLINE_PAGE_TOKEN',
    'LOADLINE_PAGE_TOKEN=… ./loadline up',
  ]);
});

const mistakes: [environment: Record<string, string>, message: RegExp][] = [
  [
    { LOADLINE_PUBLISHED_ON: '0.0.0.0' },
    /^LOADLINE_PAGE_TOKEN is not set, and the page is published on 0\.0\.0\.0.*16 characters.*docker compose up/,
  ],
  [{ LOADLINE_PUBLISHED_ON: '' }, /^LOADLINE_PAGE_TOKEN is not set, and the page is published on every address/],
  [{ LOADLINE_PUBLISHED_ON: '192.0.2.7', LOADLINE_PAGE_TOKEN: '' }, /^LOADLINE_PAGE_TOKEN is not set/],
  [{ LOADLINE_PUBLISHED_ON: '127.evil.example' }, /^LOADLINE_PAGE_TOKEN is not set/],
  [
    { LOADLINE_PUBLISHED_ON: '0.0.0.0', LOADLINE_PAGE_TOKEN: 'fifteen-letters' },
    /^LOADLINE_PAGE_TOKEN has 15 characters/,
  ],
  [
    { LOADLINE_PAGE_ADDRESS: 'http://127.0.0.1:8080/page' },
    /^LOADLINE_PAGE_ADDRESS is "http:\/\/127.0.0.1:8080\/page", not like/,
  ],
  [{ LOADLINE_PAGE_ADDRESS: '127.0.0.1:8080' }, /^LOADLINE_PAGE_ADDRESS is "127/],
  [{ LOADLINE_PAGE_HOSTS: 'ftp://a.example' }, /^LOADLINE_PAGE_HOSTS has "ftp:\/\/a.example", not like a.example/],
  [{ LOADLINE_PAGE_HOSTS: 'https://a.example/x' }, /^LOADLINE_PAGE_HOSTS has "https:\/\/a.example\/x"/],
  [{ LOADLINE_PAGE_HOSTS: 'a.example:99999' }, /^LOADLINE_PAGE_HOSTS has "a.example:99999"/],
  [{ LOADLINE_WEB_PORT: '0' }, /^LOADLINE_WEB_PORT is "0", not a whole number from 1/],
  [{ LOADLINE_DESK_PORT: 'x' }, /^LOADLINE_DESK_PORT is "x"/],
  [{ LOADLINE_TOPOLOGIES: 'load' }, /^LOADLINE_TOPOLOGIES names none/],
  [{ LOADLINE_TOPOLOGIES: 'hibrid' }, /^LOADLINE_TOPOLOGIES names hibrid; there are sync/],
  [{ LOADLINE_REQUEST_LOG: '' }, /^LOADLINE_REQUEST_LOG is not set/],
  [{ LOADLINE_DATABASE_URL: '' }, /^LOADLINE_DATABASE_URL is not set/],
  [{ LOADLINE_STACK: '{' }, /^LOADLINE_STACK is wrong at its top/],
  [local({ deployments: [], requestLog: 'x' }), /^LOADLINE_STACK is wrong at deployments: /],
  [local({ deployments: [hybrid] }), /^LOADLINE_STACK is wrong at requestLog: /],
  [local({ deployments: [{ ...hybrid, nginxPort: 0 }], requestLog: 'x' }), /is wrong at deployments\.0\.nginxPort: /],
  [
    local({ deployments: [{ ...hybrid, target: 'file:///x' }], requestLog: 'x' }),
    /is wrong at deployments\.0\.target: /,
  ],
  [local({ deployments: [{ ...hybrid, controls: [] }], requestLog: 'x' }), /has 0 controls for 1 processes of hybrid/],
  [local({ deployments: [hybrid, hybrid], requestLog: 'x' }), /^LOADLINE_STACK has hybrid twice/],
  [
    local({
      deployments: [{ ...hybrid, deployment: deploymentOf('sync', 1, { databaseConnections: 40 }) }],
      requestLog: 'x',
    }),
    /^LOADLINE_STACK cannot be: sync can use one database connection/,
  ],
];

for (const [wrong, message] of mistakes) {
  test(`the dashboard does not start with ${JSON.stringify(wrong).slice(0, 100)}`, () => {
    assert.throws(
      () => configOf({ ...container, ...wrong }),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    );
  });
}
