import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { ConfigError } from '../../model/environment.ts';
import { type PlannedDeployment, planDeployment, portsAtPlace, type StackPlan } from '../../model/stack-plan.ts';
import { configOf, PageConfigError } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'plan-'));
after(() => rmSync(folder, { recursive: true }));

const sync = planned(deploymentOf('sync', 2), 8081, 0);
const hybrid = planned(deploymentOf('hybrid', 2, { databaseConnections: 20 }), 8085, 1);
const hidden = planned(deploymentOf('async', 2, { hidden: true }), 8084, 2);

function planned(deployment: Deployment, port: number, place: number): PlannedDeployment {
  const processes = portsAtPlace(deployment, place, 6);
  const host = deployment.topology;
  return planDeployment(deployment, { host, nginxHost: 'nginx', nginxPort: port, publishedPort: port, processes });
}

/** The path of a file with the plan of these deployments. */
function planFile(...deployments: PlannedDeployment[]): string {
  const path = join(folder, `stack-${deployments.map(({ id }) => id).join('-')}.json`);
  writeFileSync(path, JSON.stringify({ schema: 1, deployments } satisfies StackPlan));
  return path;
}

const container = {
  LOADLINE_STACK: planFile(sync, hybrid),
  LOADLINE_PROJECT: 'loadline',
  LOADLINE_DATABASE_URL: 'postgres://loadline:secret@database:5432/loadline',
  LOADLINE_REQUEST_LOG: '/var/log/loadline/live.log',
  LOADLINE_HOST: '0.0.0.0',
};

test('in containers each topology is a service of its own name, and k6 reaches it by way of nginx', () => {
  assert.deepEqual(configOf(container), {
    stack: {
      deployments: [
        {
          id: 'sync-2x1-2',
          deployment: deploymentOf('sync', 2),
          target: 'http://nginx:8081',
          nginxPort: 8081,
          controls: ['http://sync:10001', 'http://sync:10002'],
        },
        {
          id: 'hybrid-2x1-20',
          deployment: deploymentOf('hybrid', 2, { databaseConnections: 20 }),
          target: 'http://nginx:8085',
          nginxPort: 8085,
          controls: ['http://hybrid:11501', 'http://hybrid:11502'],
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

const local = {
  LOADLINE_STACK: planFile(sync),
  LOADLINE_REQUEST_LOG: '/tmp/live.log',
  LOADLINE_DATABASE_URL: 'postgres://loadline@127.0.0.1:5432/postgres',
};

test('beside processes of this machine the user’s variables are named as they are', () => {
  const config = configOf({
    ...local,
    LOADLINE_WEB_PORT: '4000',
    LOADLINE_DESK_PORT: '4001',
    LOADLINE_RUNS: '/srv/runs',
    LOADLINE_PAGE_ADDRESS: 'http://127.0.0.1:9000/',
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
  assert.deepEqual(told({ ...local, LOADLINE_PAGE_TOKEN: 'short' }), [
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
  [{ LOADLINE_REQUEST_LOG: '' }, /^LOADLINE_REQUEST_LOG is not set/],
  [{ LOADLINE_DATABASE_URL: '' }, /^LOADLINE_DATABASE_URL is not set/],
  [{ LOADLINE_STACK: '/nowhere' }, /^LOADLINE_STACK is "\/nowhere", which cannot be read/],
  [{ LOADLINE_STACK: planFile() }, /^LOADLINE_STACK is .*, which has no deployment/],
  [{ LOADLINE_STACK: planFile(hidden) }, /^LOADLINE_STACK is .*, where async-1x1-40-hidden is hidden: leave it out/],
];

for (const [wrong, message] of mistakes) {
  test(`the dashboard does not start with ${JSON.stringify(wrong).slice(0, 100)}`, () => {
    assert.throws(
      () => configOf({ ...container, ...wrong }),
      (error: unknown) => error instanceof ConfigError && message.test(error.message),
    );
  });
}
