import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { limits } from '../../../model/limits.ts';
import { planOneProcess } from '../../../model/stack-plan.ts';
import { findNginx, type LocalNginxSettings, type Nginx, nginxProcesses, startNginx, stopNginx } from './nginx.ts';
import { claimPorts, type PortClaim } from './ports.ts';
import { stopWhenInterrupted } from './testdata/interrupted-test.ts';

/** A worker that answers with what it was sent, to `/problem` with a problem of its own, to `/slow` after a while. */
const worker = createServer((request, response) => {
  if (request.url === '/problem') {
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '7' }).end('{"own":true}');
    return;
  }
  if (request.url === '/slow') {
    setTimeout(() => response.end(), 300);
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ headers: request.headers, url: request.url, port: request.socket.remotePort }));
});

let folder: string;
let claim: PortClaim;
let settings: LocalNginxSettings;
let nginx: Nginx;
let interrupted: ReturnType<typeof stopWhenInterrupted>;
let url: string;
let deadUrl: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline nginx '));
  claim = await claimPorts(6);
  const [status = 0, port = 0, dead = 0, nobody = 0] = claim.ports;
  worker.listen(0, '127.0.0.1');
  await once(worker, 'listening');
  const address = worker.address();
  assert.ok(address !== null && typeof address === 'object');
  settings = {
    folder,
    statusPort: status,
    workerProcesses: 2,
    measuring: true,
    accessLog: true,
    deployments: [
      planOneProcess(deploymentOf('async', 1), port, address.port),
      planOneProcess(deploymentOf('sync', 1), dead, nobody),
    ],
  };
  url = `http://127.0.0.1:${port}`;
  deadUrl = `http://127.0.0.1:${dead}`;
  const program = await findNginx();
  assert.ok(program, 'nginx is needed for this test');
  interrupted = stopWhenInterrupted(() => stopNginx(folder));
  nginx = await startNginx(program, settings);
});

after(async () => {
  await nginx.stop();
  interrupted.stopped();
  worker.closeAllConnections();
  worker.close();
  await claim.release();
  await rm(folder, { recursive: true });
  assert.deepEqual(nginxProcesses(folder), []);
});

test('a request reaches the worker with its address and an identity of its own', async () => {
  const { headers, url: path } = (await (await fetch(`${url}/a%20b/?c=%2F`)).json()) as {
    headers: Record<string, string>;
    url: string;
  };
  assert.equal(path, '/a%20b/?c=%2F');
  assert.equal(headers.host, url.slice('http://'.length));
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-forwarded-proto'], 'http');
  assert.match(headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
});

test('requests share connections to the worker', async () => {
  const ports = new Set<number>();
  for (let index = 0; index < 20; index++) {
    ports.add(((await (await fetch(url)).json()) as { port: number }).port);
  }
  // Each of nginx's processes keeps connections of its own.
  assert.ok(ports.size <= 2, `${ports.size} connections for 20 requests`);
});

test("a worker's own problem passes untouched", async () => {
  const response = await fetch(`${url}/problem`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '7');
  assert.equal(await response.text(), '{"own":true}');
});

test('what nginx refuses by itself is a problem too', async () => {
  const big = 'x'.repeat(limits.nginx.headerSize + 1);
  const cases = [
    { what: 'no worker takes the request', answer: await fetch(deadUrl), status: 502 },
    { what: 'an address of its own', answer: await fetch(`${url}/.problems/502`), status: 404 },
    {
      what: 'a body over the limit',
      answer: await fetch(url, { method: 'POST', body: 'x'.repeat(limits.nginx.bodySize + 1) }),
      status: 413,
    },
    { what: 'an address over the limit', answer: await raw(`GET /${big} HTTP/1.1\r\nHost: a\r\n\r\n`), status: 414 },
    {
      what: 'headers over the limit',
      answer: await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${big}\r\n\r\n`),
      status: 431,
    },
    { what: 'no HTTP at all', answer: await raw('hello\r\n\r\n'), status: 400 },
    { what: 'TRACE', answer: await raw('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n'), status: 405 },
  ];
  for (const { what, answer, status } of cases) {
    assert.equal(answer.status, status, what);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', what);
    const problem = (await answer.json()) as { status: number; type: string };
    assert.deepEqual([problem.status, problem.type], [status, 'about:blank'], what);
  }
});

test('what is in progress when it is stopped is answered', async () => {
  const [, , , , status = 0, port = 0] = claim.ports;
  const program = await findNginx();
  assert.ok(program);
  const deployments = settings.deployments.slice(0, 1).map(one => ({ ...one, nginxPort: port }));
  const own = { folder: join(folder, 'other'), statusPort: status, deployments };
  const other = await startNginx(program, { ...settings, ...own });
  const taken = once(worker, 'request');
  const answer = fetch(`http://127.0.0.1:${port}/slow`);
  await taken;
  await other.stop();
  assert.equal((await answer).status, 200);
});

/** Sends bytes as they are, and reads the answer to its end. */
async function raw(bytes: string): Promise<Response> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  const [first = '', ...headers] = head.split('\r\n');
  return new Response(body, {
    status: Number(first.split(' ')[1]),
    headers: headers.map(line => line.split(': ') as [string, string]),
  });
}
