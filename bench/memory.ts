/**
 * What a process of the service takes in memory, fresh and after load: one blocking worker, each further blocking
 * thread, one event loop. `node bench/memory.ts [REQUESTS]`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Agent, request } from 'undici';
import { startStack } from '../lab/runtimes/local/stack.ts';
import { requestFor } from '../model/contract/contract.ts';
import { type Deployment, deploymentOf } from '../model/deployment.ts';
import { mean } from '../model/statistics.ts';
import { inMegabytes } from './memory-growth.ts';

/** Sizes in bytes. */
interface Memory {
  /** What is its own, and its share of what it has in common with other processes, as Node's own code. */
  readonly pss: number;
  /** What is its own: what the machine would have back without it. */
  readonly own: number;
  /** All that it can reach, whoever else has it. */
  readonly rss: number;
}

/** To each process. */
const REQUESTS = Number(process.argv[2] ?? 20_000);
const MEGABYTE = 1e6;
const bars = { blockingWorker: 70, furtherThread: 25, eventLoop: 95 } as const;

/** What its answers need most memory for, and what goes through a transaction. */
const mix = [
  requestFor('items', { limit: 100 }),
  requestFor('orders', {}),
  requestFor('item', { id: 7 }),
  requestFor('wait', { ms: 1 }),
];

const threads = [1, 2, 4, 8];
const table = new Table({
  head: ['process', 'fresh: PSS (MB)', 'after load: PSS (MB)', 'its own', 'RSS'],
  style: { head: [], border: [] },
});
const blocking: Memory[] = [];
for (const count of threads) {
  const deployment = deploymentOf('threads', 1, { threadsPerProcess: count });
  blocking.push(await measured(count === 1 ? 'one blocking worker' : `${count} blocking threads`, deployment));
}
const eventLoop = await measured('one event loop (Fastify)', deploymentOf('async', 1));
process.stdout.write(`${REQUESTS} requests to each process, Node ${process.version}\n${table.toString()}\n`);
const sizes = blocking.map(({ pss }) => pss);
const furtherThread = slope(threads, sizes);
judge('one blocking worker', sizes[0] ?? Number.NaN, bars.blockingWorker);
judge('each further blocking thread (slope)', furtherThread, bars.furtherThread);
judge('one event loop', eventLoop.pss, bars.eventLoop);

/** Memory of the deployment's only process after load; the table gets both. */
async function measured(name: string, deployment: Deployment): Promise<Memory> {
  const stack = await startStack({
    root: fileURLToPath(new URL('..', import.meta.url)),
    name: 'bench-memory',
    deployments: [deployment],
    wellKnownPorts: false,
    measuring: true,
    accessLog: false,
    life: 'temporary',
    workerProcesses: 1,
    signal: new AbortController().signal,
    say: () => undefined,
  });
  try {
    const [endpoint] = stack.endpoints;
    const [pid] = endpoint?.pids() ?? [];
    if (endpoint === undefined || pid === undefined) throw new Error(`${name} does not run`);
    const fresh = readMemory(pid);
    await load(endpoint.url, REQUESTS);
    const after = readMemory(pid);
    table.push([name, ...[fresh.pss, after.pss, after.own, after.rss].map(inMegabytes)]);
    return after;
  } finally {
    await stack.stop();
  }
}

/** A closed load of 40 users who do not think. */
async function load(url: string, requests: number): Promise<void> {
  const users = new Agent({ connections: 40 });
  let next = 0;
  const user = async () => {
    while (next < requests) {
      const { method, path, body } = mix[next++ % mix.length] ?? requestFor('plain', {});
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await request(url + path, { dispatcher: users, method, headers, body: body ?? null });
      const text = await answer.body.text();
      if (answer.statusCode >= 400) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 40 }, user));
  await users.close();
}

function readMemory(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]) * 1024;
  return { pss: bytes('Pss'), own: bytes('Private_Clean') + bytes('Private_Dirty'), rss: bytes('Rss') };
}

/** Least squares: what one more of `x` adds to `y`. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [middleX, middleY] = [mean(x), mean(y)];
  const together = x.reduce((sum, value, index) => sum + (value - middleX) * ((y[index] ?? 0) - middleY), 0);
  return together / x.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
}

function judge(what: string, bytes: number, bar: number): void {
  const holds = bytes <= bar * MEGABYTE;
  process.stdout.write(`${what}: ${inMegabytes(bytes)} MB, at most ${bar}: ${holds ? 'holds' : 'missed'}\n`);
  if (!holds) process.exitCode = 1;
}
