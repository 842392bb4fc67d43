import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findNginx, type Nginx, startNginx, stopNginx } from '../lab/runtimes/local/nginx.ts';
import { claimPorts, type PortClaim } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { deploymentOf } from '../model/deployment.ts';
import { planOneProcess } from '../model/stack-plan.ts';
import { REASON_FILE } from './page.ts';

const PATIENCE_MS = 5000;

/** A worker that says who it is and what it did. */
const worker = createServer((_request, response) => {
  response.setHeader('x-worker', 'async-1').setHeader('server-timing', 'db;dur=20.1, app;dur=21.0').end('served\n');
});

/** In the dashboard's place: it tells the host that it was asked by, and its stream stays open after the first event. */
const dashboard = createServer((request, response) => {
  if (request.url === '/api/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
  } else response.end(`${request.headers.host} ${request.headers.connection} ${request.httpVersion}`);
});

let folder: string;
let claim: PortClaim;
let dashboardPort: number;
let page: string;
let site: string;
let nginx: Nginx;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  // Not where TMPDIR says: its parents may be closed to others.
  folder = await mkdtemp('/tmp/loadline-page-');
  // Where root starts nginx, another user answers.
  await chmod(folder, 0o755);
  claim = await claimPorts(5);
  const [statusPort = 0, port = 0, sitePort = 0, workerPort = 0, own = 0] = claim.ports;
  dashboardPort = own;
  worker.listen(workerPort, '127.0.0.1');
  await once(worker, 'listening');
  const planned = planOneProcess(deploymentOf('async', 1), sitePort, workerPort);
  page = `http://127.0.0.1:${port}`;
  site = `http://127.0.0.1:${sitePort}`;
  const program = await findNginx();
  assert.ok(program, 'nginx is needed for this test');
  interrupted = stopWhenInterrupted(() => stopNginx(folder));
  nginx = await startNginx(program, {
    folder,
    statusPort,
    workerProcesses: 1,
    measuring: false,
    accessLog: false,
    liveLog: join(folder, 'live.log'),
    deployments: [planned],
    pages: { port, listing: { present: [planned], absent: [] }, dashboard: `127.0.0.1:${own}` },
  });
});

after(async () => {
  for (const server of [worker, dashboard]) {
    server.closeAllConnections();
    server.close();
  }
  await nginx.stop();
  interrupted.stopped();
  await claim.release();
  await rm(folder, { recursive: true });
});

test('without the dashboard nginx starts, lists the topologies in its place and has browsers ask again', async () => {
  for (const path of ['/', '/runs/latest']) {
    const answer = await fetch(`${page}${path}`);
    assert.equal(answer.status, 502);
    assert.equal(answer.headers.get('refresh'), '2');
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(await answer.text(), /The dashboard is starting, or away[\s\S]*<h2>async /);
  }
  const change = await fetch(`${page}/api/settings`, { method: 'PUT', body: '{}' });
  assert.equal(change.status, 502);
});

test('a dashboard that cannot start leaves its reason, which browsers see in its place until it is taken away', async () => {
  await writeFile(join(folder, REASON_FILE), '<p>PAGE_TOKEN is not set</p>');
  for (const path of ['/', '/api/settings']) {
    const answer = await fetch(`${page}${path}`);
    assert.equal(answer.status, 502);
    assert.equal(answer.headers.get('refresh'), '2');
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(await answer.text(), '<p>PAGE_TOKEN is not set</p>');
  }
  await rm(join(folder, REASON_FILE));
  assert.match(await (await fetch(page)).text(), /The dashboard is starting, or away/);
});

test('the list is there with the dashboard or without', async () => {
  const list = await fetch(`${page}/topologies`);
  assert.deepEqual([list.status, list.headers.get('refresh')], [200, null]);
  assert.match(await list.text(), /<h2>async /);
  assert.equal((await fetch(`${page}/.away`)).status, 404);
});

test('the dashboard is asked as soon as it is there, by the name that the browser used and over a connection that is kept', async () => {
  dashboard.listen(dashboardPort, '127.0.0.1');
  await once(dashboard, 'listening');
  assert.equal(await (await fetch(page)).text(), `${page.slice('http://'.length)} undefined 1.1`);
});

test('an event of the dashboard goes out at once, while its stream stays open', async () => {
  const leave = new AbortController();
  const { body } = await fetch(`${page}/api/events`, { signal: leave.signal });
  const { value } = (await body?.getReader().read()) ?? {};
  assert.equal(new TextDecoder().decode(value), 'data: first\n\n');
  leave.abort();
});

test('the log for the dashboard has a line for each request of its load to a topology, and for no other', async () => {
  const begun = Date.now() / 1000;
  const load = { 'User-Agent': 'loadline-live' };
  await fetch(page, { headers: load });
  await fetch(`${site}/plain`);
  await fetch(`${site}/plain`, { headers: { 'User-Agent': 'loadline-lively' } });
  await fetch(`${site}/wait?ms=20`, { headers: { ...load, 'X-Loadline-Dot': '4711' } });
  await fetch(`${site}/plain`, { headers: { ...load, 'X-Loadline-Dot': 'a\tb "\\' } });
  const log = join(folder, 'live.log');
  const limit = performance.now() + PATIENCE_MS;
  let lines: string[] = [];
  while (lines.length < 3) {
    assert.ok(performance.now() < limit, `not in time: ${lines.join('\n')}`);
    lines = (await readFile(log, 'utf8')).split('\n');
  }
  const [first = '', second = '', end] = lines;
  const [endedAt, ...fields] = first.split('\t');
  assert.ok(Math.abs(Number(endedAt) - begun) < PATIENCE_MS / 1000, `${endedAt} is not about ${begun}`);
  const [port, status, requestTime, ...rest] = fields;
  assert.deepEqual([port, status], [site.split(':').at(-1), '200']);
  assert.match(requestTime ?? '', /^\d+\.\d{3}$/);
  assert.deepEqual(rest, ['4711', 'async-1', 'db;dur=20.1, app;dur=21.0']);
  // What a client makes up cannot end its field.
  assert.equal(second.split('\t')[4], String.raw`a\x09b \x22\x5C`);
  assert.equal(end, '');
});
