import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { ConfigError } from '../../model/environment.ts';
import { type PlannedDeployment, planDeployment, portsAtPlace, type StackPlan } from '../../model/stack-plan.ts';
import { PageConfigError, parseConfig } from './config.ts';

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
const { LOADLINE_PROJECT: _, ...local } = container;
const TOKEN = 'sixteen-letters-';

test('in containers each topology is a service of its own name, and k6 reaches it through nginx', () => {
  assert.deepEqual(parseConfig(container), {
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
    ...{ host: '0.0.0.0', webPort: 3000, deskPort: 3001, pageAddress: 'http://127.0.0.1:8080' },
    known: { origins: [], variable: 'PAGE_HOSTS', hosts: [], start: 'docker compose up' },
  });
});

test('every setting can be changed', () => {
  const config = parseConfig({
    ...local,
    LOADLINE_WEB_PORT: '4000',
    LOADLINE_DESK_PORT: '4001',
    LOADLINE_RUNS: '/srv/runs',
    LOADLINE_PUBLISHED_ON: '192.0.2.7',
    LOADLINE_PAGE_TOKEN: TOKEN,
    LOADLINE_PAGE_ADDRESS: 'https://load.example',
    LOADLINE_PAGE_HOSTS: 'other.example:8443, [2001:db8::1]:8443,http://plain.example',
  });
  assert.deepEqual([config.webPort, config.deskPort, config.runs, config.pageToken], [4000, 4001, '/srv/runs', TOKEN]);
  assert.deepEqual(config.known.origins, [
    'https://load.example',
    'https://192.0.2.7',
    'https://other.example:8443',
    'https://[2001:db8::1]:8443',
    'http://plain.example',
  ]);
  assert.deepEqual([config.known.variable, config.known.start], ['LOADLINE_PAGE_HOSTS', './loadline up']);
});

test('the address that users are told is one at which the page is published', () => {
  for (const [on, address, expected] of [
    ['192.168.1.5', undefined, 'http://192.168.1.5:8080'],
    ['127.0.0.2', 'http://127.0.0.1:9000', 'http://127.0.0.2:9000'],
    ['::1', undefined, 'http://[::1]:8080'],
    ['127.0.0.1', undefined, 'http://127.0.0.1:8080'],
    ['0.0.0.0', undefined, 'http://127.0.0.1:8080'],
    ['', undefined, 'http://127.0.0.1:8080'],
    ['127.0.0.1', 'http://localhost:8080', 'http://localhost:8080'],
    ['192.168.1.5', 'https://load.example', 'https://load.example'],
  ] as const) {
    const page = { LOADLINE_PUBLISHED_ON: on, LOADLINE_PAGE_TOKEN: TOKEN, LOADLINE_PAGE_ADDRESS: address };
    assert.equal(parseConfig({ ...container, ...page }).pageAddress, expected, on);
  }
});

test('a mistake in the settings of the page has a line to type, in the names that the user sets', () => {
  const commandOf = (environment: Record<string, string>) => {
    try {
      return parseConfig(environment);
    } catch (error) {
      assert.ok(error instanceof PageConfigError);
      return error.command.replace(/\$\(.*\)/, '…');
    }
  };
  assert.equal(
    commandOf({ ...container, LOADLINE_PUBLISHED_ON: '0.0.0.0' }),
    'PAGE_ADDRESS=0.0.0.0 PAGE_TOKEN=… docker compose up',
  );
  const hosts = { LOADLINE_PAGE_HOSTS: 'a/b' };
  assert.equal(commandOf({ ...container, ...hosts }), 'PAGE_HOSTS=https://a.example docker compose up');
  assert.equal(commandOf({ ...local, LOADLINE_PAGE_TOKEN: 'short' }), 'LOADLINE_PAGE_TOKEN=… ./loadline up');
});

test('the dashboard does not start with a wrong setting, and names it', () => {
  const wrong: [variable: string, value: string, others?: Record<string, string>][] = [
    ['LOADLINE_PAGE_TOKEN', '', { LOADLINE_PUBLISHED_ON: '0.0.0.0' }],
    ['LOADLINE_PAGE_TOKEN', '', { LOADLINE_PUBLISHED_ON: '' }],
    ['LOADLINE_PAGE_TOKEN', '', { LOADLINE_PUBLISHED_ON: '127.evil.example' }],
    ['LOADLINE_PAGE_TOKEN', 'fifteen-letters', { LOADLINE_PUBLISHED_ON: '0.0.0.0' }],
    ['LOADLINE_PAGE_ADDRESS', 'http://127.0.0.1:8080/page'],
    ['LOADLINE_PAGE_ADDRESS', '127.0.0.1:8080'],
    ['LOADLINE_PAGE_HOSTS', 'ftp://a.example'],
    ['LOADLINE_PAGE_HOSTS', 'https://a.example/x'],
    ['LOADLINE_PAGE_HOSTS', 'a.example:99999'],
    ['LOADLINE_WEB_PORT', '0'],
    ['LOADLINE_DESK_PORT', 'x'],
    ['LOADLINE_REQUEST_LOG', ''],
    ['LOADLINE_DATABASE_URL', ''],
    ['LOADLINE_STACK', '/nowhere'],
    ['LOADLINE_STACK', planFile()],
    ['LOADLINE_STACK', planFile(hidden)],
  ];
  for (const [variable, value, others] of wrong) {
    assert.throws(
      () => parseConfig({ ...container, ...others, [variable]: value }),
      (error: unknown) => error instanceof ConfigError && error.message.startsWith(`${variable} `),
      `${variable}=${value}`,
    );
  }
});
