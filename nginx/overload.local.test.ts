/** What nginx does with a request that a worker does not answer: with its own limits, and with workers that count. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { findNginx, type Nginx, startNginx, stopNginx } from '../lab/runtimes/local/nginx.ts';
import { claimPorts, type PortClaim } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { CANCEL_ON_CLOSE } from '../model/contract/contract.ts';
import { deploymentOf } from '../model/deployment.ts';
import { limits } from '../model/limits.ts';
import { planOneProcess } from '../model/stack-plan.ts';

/** Of each method, to the workers that never answer. */
const REQUESTS = 20;

const servers: Server[] = [];
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
let folder: string;
let claim: PortClaim;
let nginx: Nginx;
let interrupted: ReturnType<typeof stopWhenInterrupted>;
let silent: CountingWorker[];
/** They end the connection of each request. */
let ending: Record<'GET' | 'POST', CountingWorker>;
let healthy: CountingWorker;
let full: FullWorker;
const urlOf = new Map<string, string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-overload-'));
  claim = await claimPorts(9);
  const [statusPort = 0, absent = 0, ...ports] = claim.ports;
  silent = [await startWorker(() => undefined), await startWorker(() => undefined)];
  const end = ({ socket }: IncomingMessage) => socket.destroy();
  ending = { GET: await startWorker(end), POST: await startWorker(end) };
  healthy = await startWorker((_request, response) => response.end());
  full = await startFullWorker();
  // nginx leaves a failed worker out of its site for a while, so each method has sites of its own.
  const workers = {
    silent: silent.map(({ port }) => port),
    ...Object.fromEntries(
      (['GET', 'POST'] as const).flatMap(method => [
        [`ending ${method}`, [ending[method].port, healthy.port]],
        [`absent ${method}`, [absent, healthy.port]],
        [`full ${method}`, [full.port, healthy.port]],
      ]),
    ),
  };
  const program = await findNginx();
  assert.ok(program, 'nginx is needed for this test');
  interrupted = stopWhenInterrupted(() => stopNginx(folder));
  nginx = await startNginx(program, {
    folder,
    statusPort,
    workerProcesses: 1,
    measuring: false,
    accessLog: false,
    deployments: Object.values(workers).map((own, index) => ({
      // No two deployments have the same name.
      ...planOneProcess(deploymentOf('sync', 2, { databaseConnections: 2 + index }), ports[index] ?? 0, 0),
      processes: own.map(workerPort => ({ controlPort: 0, workerPort })),
    })),
  });
  for (const [index, name] of Object.keys(workers).entries()) urlOf.set(name, `http://127.0.0.1:${ports[index]}`);
});

after(async () => {
  await agent.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await full.stop();
  await nginx.stop();
  interrupted.stopped();
  await claim.release();
  await rm(folder, { recursive: true });
});

test("what no worker answers ends at nginx's limit, is told as that, and reaches one worker once", async () => {
  const start = performance.now();
  const asked = (['GET', 'POST'] as const).flatMap(method =>
    Array.from({ length: REQUESTS }, (_, index) => ({ method, path: `/${method}-${index}` })),
  );
  const answers = await Promise.all(asked.map(({ method, path }) => ask('silent', method, path)));
  const seconds = (performance.now() - start) / 1000;
  for (const { status, detail } of answers) {
    assert.equal(status, 504);
    assert.match(detail, new RegExp(`nginx.* within ${limits.nginx.read} s`));
  }
  assert.ok(seconds >= limits.nginx.read && seconds < limits.nginx.read + 2, `${seconds} s`);
  const received = silent.flatMap(({ paths }) => paths);
  assert.deepEqual(received.sort(), asked.map(({ path }) => path).sort());
});

test('a worker is told that nginx closes the connection of a request that no client waits for', () => {
  const sent = silent.flatMap(({ headers }) => headers.map(each => each[CANCEL_ON_CLOSE.toLowerCase()]));
  assert.deepEqual([...new Set(sent)], ['1']);
});

test('a GET whose worker ends is passed on, and a POST is not', async () => {
  const expected = { GET: 200, POST: 502 };
  for (const method of ['GET', 'POST'] as const) {
    const path = `/ended-${method}`;
    assert.equal((await ask(`ending ${method}`, method, path)).status, expected[method]);
    assert.deepEqual(ending[method].paths, [path]);
    assert.equal(healthy.paths.includes(path), method === 'GET');
  }
});

for (const method of ['GET', 'POST'] as const) {
  test(`a ${method} is passed on that a worker cannot have received`, async () => {
    assert.equal((await ask(`absent ${method}`, method)).status, 200);
    const start = performance.now();
    assert.equal((await ask(`full ${method}`, method)).status, 200);
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds >= limits.nginx.connect, `the full worker was asked first, for ${seconds} s`);
  });
}

/** A worker that counts what it receives. */
interface CountingWorker {
  readonly port: number;
  readonly paths: string[];
  readonly headers: IncomingMessage['headers'][];
}

async function startWorker(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<CountingWorker> {
  const paths: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((received, response) => {
    paths.push(received.url ?? '');
    headers.push(received.headers);
    answer(received, response);
  });
  server.requestTimeout = 0;
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server), paths, headers };
}

/** A worker whose thread is blocked and whose backlog is full: whoever connects waits until the connect timeout. */
interface FullWorker {
  readonly port: number;
  stop(): Promise<void>;
}

async function startFullWorker(): Promise<FullWorker> {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port] = (await once(thread, 'message')) as [number];
  // A backlog of one holds two.
  const waiting = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(waiting.map(socket => once(socket, 'connect')));
  for (const socket of waiting) socket.on('error', () => undefined);
  return {
    port,
    stop: async () => {
      for (const socket of waiting) socket.destroy();
      await thread.terminate();
    },
  };
}

async function ask(site: string, method: 'GET' | 'POST', path = '/'): Promise<{ status: number; detail: string }> {
  const { statusCode, body } = await request(`${urlOf.get(site)}${path}`, { method, dispatcher: agent });
  const text = await body.text();
  return { status: statusCode, detail: text === '' ? '' : (JSON.parse(text) as { detail: string }).detail };
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
