import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CANCEL_ON_CLOSE } from '../model/contract/contract.ts';
import { deploymentOf } from '../model/deployment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import { connectionsWithin, type NginxSettings, renderNginx } from './render.ts';

const settings: NginxSettings = {
  version: '1.22.1',
  folder: '/srv/loadline/nginx',
  logs: 'files',
  daemon: true,
  host: '127.0.0.1',
  statusPort: 21_000,
  workerProcesses: 2,
  connections: 8192,
  measuring: true,
  accessLog: false,
  deployments: [
    {
      ...planOneProcess(deploymentOf('sync', 2), 8081, 0),
      processes: [21_010, 21_012].map(workerPort => ({ controlPort: workerPort - 1, workerPort })),
    },
    planOneProcess(deploymentOf('async', 2), 8084, 21_014),
  ],
};

const shown: NginxSettings = {
  ...settings,
  version: '1.30.0',
  measuring: false,
  liveLog: '/srv/loadline/nginx/live.log',
  pages: {
    port: 8080,
    listing: { present: [planOneProcess(deploymentOf('async', 2), 8084, 21_014)], absent: [] },
    dashboard: '127.0.0.1:3000',
  },
};

test('two deployments give the configuration beside this test; --update writes it again', () => {
  const file = new URL('testdata/two-deployments.conf', import.meta.url);
  const rendered = renderNginx(settings);
  if (process.argv.includes('--update')) writeFileSync(file, rendered);
  assert.equal(rendered, readFileSync(file, 'utf8'));
});

test('while measuring no worker is ever taken out and no request is sent twice', () => {
  const measured = renderNginx(settings);
  assert.match(measured, /server 127\.0\.0\.1:21010 max_fails=0;/);
  assert.match(measured, /proxy_next_upstream off;/);
  assert.doesNotMatch(measured, new RegExp(CANCEL_ON_CLOSE));
  const served = renderNginx({ ...settings, measuring: false });
  assert.match(served, /server 127\.0\.0\.1:21010 max_fails=1 fail_timeout=1s;/);
  assert.match(served, /proxy_next_upstream error timeout;/);
  assert.match(served, new RegExp(`proxy_set_header ${CANCEL_ON_CLOSE} 1;`));
});

test('the log of requests is written only when it is asked for', () => {
  assert.doesNotMatch(renderNginx(settings), /access\.log/);
  assert.match(
    renderNginx({ ...settings, accessLog: true }),
    /access_log \/srv\/loadline\/nginx\/access\.log requests/,
  );
});

test('the log for the dashboard is written by the topologies’ servers alone, beside the log of requests', () => {
  const serversOf = (given: NginxSettings) => renderNginx(given).split(/^ {2}server \{$/m);
  const logs = (text: string) => Array.from(text.matchAll(/access_log (\S+)/g), ([, path]) => path?.split('/').at(-1));
  assert.deepEqual(serversOf(shown).map(logs), [['off;'], ['live.log'], ['live.log'], [], ['off;']]);
  assert.deepEqual(serversOf({ ...shown, accessLog: true }).map(logs), [
    ['access.log'],
    ['access.log', 'live.log'],
    ['access.log', 'live.log'],
    [],
    ['off;'],
  ]);
});

test('the page’s server reaches the dashboard’s page and nothing else of the stack', () => {
  const targets = Array.from(
    renderNginx(shown).matchAll(/^ +(?:proxy_pass|server) ([^{ ;]+)/gm),
    ([, target]) => target,
  );
  assert.deepEqual(targets, [
    ...['127.0.0.1:21010', '127.0.0.1:21012', '127.0.0.1:21014', '127.0.0.1:3000'],
    ...['http://sync-2x1-2', 'http://async-1x1-40', 'http://dashboard'],
  ]);
});

test('without a dashboard the page’s server has the list alone', () => {
  const pages = { port: 8080, listing: { present: [], absent: [] } };
  const text = renderNginx({ ...settings, pages });
  const server = text.slice(text.indexOf('listen 127.0.0.1:8080'));
  assert.match(server, /location = \/ \{\s+default_type text\/html;/);
  assert.match(server, /location \/ \{\s+return 404;/);
  assert.doesNotMatch(text, /proxy_pass http:\/\/dashboard|upstream dashboard/);
});

test('a directive of a later version is left out for an earlier one', () => {
  assert.doesNotMatch(renderNginx({ ...settings, version: '1.27.3' }), /keepalive_min_timeout/);
  assert.match(renderNginx({ ...settings, version: '1.27.4' }), /keepalive_min_timeout 5s;/);
  assert.match(renderNginx({ ...settings, version: '1.31.0' }), /keepalive_min_timeout 5s;/);
});

test('nginx has as many connections as its open files allow, or refuses to start', () => {
  const raise = (files: number) => `raise to ${files}`;
  const allowed: [files: number, measuring: boolean, connections: number][] = [
    [20_000, true, 16_384],
    [20_000, false, 16_384],
    [1152, true, 1024],
    [1024, false, 896],
    [640, false, 512],
  ];
  for (const [files, measuring, connections] of allowed)
    assert.equal(connectionsWithin(files, measuring, raise), connections);
  for (const [files, measuring] of [
    [1151, true],
    [639, false],
  ] as const) {
    assert.throws(() => connectionsWithin(files, measuring, raise), {
      code: 'open-files-limited',
      message: new RegExp(raise(files + 1)),
    });
  }
});

test('idle connections and requests in progress fit into the connections, whatever their number', () => {
  const numberIn = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  for (const connections of [512, 896, 4000, 16_383]) {
    const [first] = settings.deployments;
    for (const deployments of [settings.deployments.slice(0, 1), settings.deployments, Array(6).fill(first)]) {
      const text = renderNginx({ ...settings, measuring: false, connections, deployments });
      const idle = numberIn(text, /keepalive (\d+);/) * deployments.length;
      const inProgress = numberIn(text, /limit_conn in-progress (\d+);/);
      assert.ok(inProgress >= 64 && idle + 2 * inProgress < connections, `${idle} and 2 × ${inProgress}`);
    }
  }
});

test('requests in progress are not limited while measuring, nor where nginx has all the connections that it can use', () => {
  assert.doesNotMatch(renderNginx(settings), /limit_conn/);
  assert.doesNotMatch(renderNginx({ ...settings, measuring: false, connections: 16_384 }), /limit_conn/);
});

test('a folder that could break out of its directive is refused', () => {
  assert.throws(() => renderNginx({ ...settings, folder: '/tmp/x;evil on' }), { code: 'directive-unsafe' });
});
