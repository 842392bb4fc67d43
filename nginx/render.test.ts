import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { LoadlineError } from '../errors/loadline-error.ts';
import { deploymentOf } from '../services/deployment.ts';
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
  sites: [
    { deployment: deploymentOf('sync', 2), port: 8081, workers: ['127.0.0.1:21010', '127.0.0.1:21012'] },
    { deployment: deploymentOf('async', 2), port: 8084, workers: ['127.0.0.1:21014'] },
  ],
};

/** `UPDATE_GOLDEN=1 node --test nginx` writes the file anew; the difference is then to be read. */
test('two deployments give the configuration that is kept beside this test', () => {
  const file = new URL('testdata/two-deployments.conf', import.meta.url);
  const rendered = renderNginx(settings);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, rendered);
  assert.equal(rendered, readFileSync(file, 'utf8'));
});

test('while measuring no worker is ever taken out and no request is sent twice', () => {
  const measured = renderNginx(settings);
  assert.match(measured, /server 127\.0\.0\.1:21010 max_fails=0;/);
  assert.match(measured, /proxy_next_upstream off;/);
  const served = renderNginx({ ...settings, measuring: false });
  assert.match(served, /server 127\.0\.0\.1:21010 max_fails=1 fail_timeout=1s;/);
  assert.match(served, /proxy_next_upstream error timeout;/);
});

test('the log of requests is written only when it is asked for', () => {
  assert.doesNotMatch(renderNginx(settings), /access\.log/);
  assert.match(
    renderNginx({ ...settings, accessLog: true }),
    /access_log \/srv\/loadline\/nginx\/access\.log requests/,
  );
});

test('a directive of a later version is left out for an earlier one', () => {
  assert.doesNotMatch(renderNginx({ ...settings, version: '1.27.3' }), /keepalive_min_timeout/);
  assert.match(renderNginx({ ...settings, version: '1.27.4' }), /keepalive_min_timeout 5s;/);
  assert.match(renderNginx({ ...settings, version: '1.31.0' }), /keepalive_min_timeout 5s;/);
});

test('connections that the limit of open files does not allow are refused, with the limit to raise', () => {
  assert.equal(connectionsWithin(20_000), 16_384);
  assert.equal(connectionsWithin(1024), 896);
  assert.throws(
    () => renderNginx({ ...settings, connections: connectionsWithin(1024) }),
    (error: unknown) =>
      error instanceof LoadlineError && error.code === 'open-files-limited' && /ulimit -n/.test(error.message),
  );
});

test('a folder that could break out of its directive is refused', () => {
  assert.throws(
    () => renderNginx({ ...settings, folder: '/tmp/x;evil on' }),
    (error: unknown) => error instanceof LoadlineError && error.code === 'directive-unsafe',
  );
});
