import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../services/deployment.ts';
import { containerSettings, publishedPorts, sitesOf } from './containers.ts';
import { renderPage } from './page.ts';
import { renderNginx } from './render.ts';

const deployments = [deploymentOf('sync', 2), deploymentOf('threads', 2, { threadsPerProcess: 3 })];
const settings = { measuring: false, accessLog: false, openFiles: 20_000, folder: '/etc/loadline' };
const rendered = renderNginx(containerSettings(sitesOf(deployments), ['async'], settings));

test('each worker of a container is reached by its name, which is looked up again and again', () => {
  assert.match(rendered, /resolver 127\.0\.0\.11 valid=5s ipv6=off;/);
  const workers = Array.from(rendered.matchAll(/server (\S+) .* resolve;/g), ([, worker]) => worker);
  assert.deepEqual(workers, ['sync:20001', 'sync:20002', 'threads:20001', 'threads:20002', 'threads:20003']);
});

test('what nginx writes goes to its streams and to /tmp, the only places that it may write to', () => {
  assert.match(rendered, /error_log stderr warn;/);
  const paths = Array.from(rendered.matchAll(/(?:pid|_temp_path) (\S+);/g), ([, path]) => path);
  assert.equal(paths.length, 6);
  assert.ok(paths.every(path => path?.startsWith('/tmp/')));
});

test('a topology that is not there says on its port how to start it', () => {
  const server = rendered.slice(rendered.indexOf('listen 0.0.0.0:8084'));
  assert.match(server, /^[^}]*return 503 '.*COMPOSE_PROFILES=async docker compose up"/);
});

test('the page names the ports that are published, and what is not started', () => {
  const page = renderPage(deployments, ['async'], publishedPorts('sync=9081 threads=0'));
  assert.match(page, /href="http:\/\/127\.0\.0\.1:9081\/plain"/);
  assert.match(page, /<b>1<\/b> process ×\n<b>3<\/b> worker threads,\n<b>3<\/b> database connections/);
  assert.match(page, /COMPOSE_PROFILES=async docker compose up/);
});

test('the page allows its own style and nothing else', () => {
  const page = renderPage(deployments, [], new Map());
  assert.match(page, /content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'"/);
  assert.doesNotMatch(page, /<script|https?:\/\/(?!127\.0\.0\.1)/);
});
