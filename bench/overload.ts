/**
 * An overload of the demo: many requests of one second at once, to more than the workers can answer within nginx's
 * limit. Counts what clients got and how much work the workers did. `node bench/overload.ts [TOPOLOGY] [REQUESTS] [TIME_LIMIT]`
 */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { type LocalStack, startStack } from '../lab/runtimes/local/stack.ts';
import { deploymentOf } from '../model/deployment.ts';
import { listControls, type PlannedDeployment } from '../model/stack-plan.ts';
import { topologyNames } from '../model/topology.ts';
import type { ProcessCounters } from '../model/wire.ts';

const topology = topologyNames.find(name => name === (process.argv[2] ?? 'sync'));
if (topology === undefined) throw new Error(`TOPOLOGY is one of ${topologyNames.join(', ')}`);
const requests = Number(process.argv[3] ?? 500);
/** Seconds that each client waits; longer than nginx does unless it is given. */
const timeLimit = Number(process.argv[4] ?? 300);
const PROCESSES = 7;
const PATH = '/wait?ms=1000';
/** Seconds between two looks at the workers. */
const LOOK = 0.5;

const stack = await startStack({
  root: fileURLToPath(new URL('..', import.meta.url)),
  name: 'bench-overload',
  deployments: [deploymentOf(topology, PROCESSES)],
  life: 'temporary',
  wellKnownPorts: false,
  measuring: false,
  accessLog: false,
  workerProcesses: 1,
  signal: new AbortController().signal,
  say: line => void process.stderr.write(`${line}\n`),
});
try {
  await overload(stack);
} finally {
  await stack.stop();
}

async function overload({ endpoints: [endpoint] }: LocalStack): Promise<void> {
  if (endpoint === undefined) throw new Error('the stack has no endpoint');
  const dispatcher = new Agent({ connections: requests, headersTimeout: 0, bodyTimeout: 0 });
  const start = performance.now();
  const answers = await Promise.all(
    Array.from({ length: requests }, () => fetchStatus(`${endpoint.url}${PATH}`, dispatcher)),
  );
  const answered = performance.now() - start;
  while ((await totals(endpoint.planned)).inProgress > 0) await pause(LOOK * 1000);
  const idle = performance.now() - start;
  const { completed, databaseWait } = await totals(endpoint.planned);
  await dispatcher.destroy();
  const counts = Object.entries(Object.groupBy(answers, answer => answer)).map(
    ([answer, all = []]) => `${answer} × ${all.length}`,
  );
  process.stdout.write(`${requests} requests of 1 s at once to ${topology} with ${PROCESSES} processes\n`);
  process.stdout.write(`  answers      ${counts.join('   ')}\n`);
  process.stdout.write(
    `  completed    ${completed} by the workers, in ${databaseWait.toFixed(0)} s of waiting for the database\n`,
  );
  process.stdout.write(
    `  last answer  after ${(answered / 1000).toFixed(1)} s; workers idle after ${(idle / 1000).toFixed(1)} s\n`,
  );
}

async function fetchStatus(url: string, dispatcher: Agent): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(timeLimit * 1000) });
    await body.dump();
    return `${statusCode}`;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** Of all workers together. */
async function totals(planned: PlannedDeployment) {
  const processes = await Promise.all(
    listControls(planned).map(async url => (await (await fetch(`${url}/counters`)).json()) as ProcessCounters),
  );
  const workers = processes.flatMap(process => process.workers);
  const sum = (name: 'completed' | 'databaseWait' | 'inProgress') =>
    workers.reduce((total, worker) => total + worker[name], 0);
  return { completed: sum('completed'), databaseWait: sum('databaseWait'), inProgress: sum('inProgress') };
}
