import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import { cgroupOf } from '../lab/probe/cgroups.ts';
import { readCpuTime } from '../lab/probe/processes.ts';
import { endGroup, inheritedEnvironment } from '../lab/runtimes/child-process.ts';
import { type Container, findContainer } from '../lab/runtimes/compose/containers.ts';
import { docker } from '../lab/runtimes/compose/docker.ts';
import { ProbeLink } from '../lab/runtimes/compose/probe-link.ts';
import { composedK6 } from '../lab/runtimes/compose/runtime.ts';
import { type ComposeStackOptions, startComposeStack } from '../lab/runtimes/compose/stack.ts';
import { findNginx, stopNginx } from '../lab/runtimes/local/nginx.ts';
import { startProcesses, stopProcesses } from '../lab/runtimes/local/pm2.ts';
import { startedWith } from '../lab/runtimes/local/processes.ts';
import type { LocalStack } from '../lab/runtimes/local/stack.ts';
import type { Seconds } from '../model/quantities.ts';
import type { Way } from './stack-load.ts';

/** A bare server that answers, with all its processes below one. */
interface BareServer extends AsyncDisposable {
  readonly url: string;
  /** Of the first process, which serves nothing itself. */
  readonly pid: number;
  /** How many serve. */
  readonly processes: number;
}

const START_LIMIT: Seconds = 10;
const PROGRAM = fileURLToPath(new URL('bare-server.ts', import.meta.url));
/** What a worker's Node is told is told to the bare one's too: code is compared, not flags. */
const SHARED = ['NODE_ENV', 'NODE_OPTIONS', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_ARENA_MAX'];

/** The bare server in node:cluster, with the stack's database and as many processes and connections as its deployment. */
export async function startInCluster(stack: LocalStack, port: number, signal: AbortSignal): Promise<BareServer> {
  const env = environmentFor(stack, port);
  const child = spawn(process.execPath, [PROGRAM], {
    env: inheritedEnvironment(env),
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return answering(port, child.pid ?? 0, Number(env.PROCESSES), () => endGroup(child), signal);
}

/** The same in PM2's cluster mode, where PM2's daemon takes the place of the first process. */
export async function startInPm2Cluster(stack: LocalStack, port: number, signal: AbortSignal): Promise<BareServer> {
  const home = `${stack.folder.pm2}-cluster`;
  const env = environmentFor(stack, port);
  const instances = Number(env.PROCESSES);
  const quiet = { pmx: false, vizion: false, automation: false, treekill: false, kill_timeout: 2000 };
  const logs = { out_file: '/dev/null', error_file: join(home, 'error.log') };
  const dispose = () => stopProcesses(home, signal);
  try {
    const app = { name: 'bare', script: PROGRAM, exec_mode: 'cluster', instances, env };
    await startProcesses(home, { apps: [{ ...app, ...quiet, ...logs }] }, signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  const pid = Number(readFileSync(join(home, 'pm2.pid'), 'utf8'));
  return answering(port, pid, instances, dispose, signal);
}

function environmentFor({ endpoints: [endpoint], databaseUrl }: LocalStack, port: number): Record<string, string> {
  const [pid] = endpoint?.pids() ?? [];
  if (endpoint === undefined || pid === undefined) throw new Error('no worker runs');
  const { processes, databaseConnections } = endpoint.deployment;
  return {
    ...Object.fromEntries(SHARED.map(name => [name, startedWith(pid, name) ?? ''])),
    PORT: String(port),
    PROCESSES: String(processes),
    DATABASE_URL: databaseUrl,
    DATABASE_CONNECTIONS: String(databaseConnections),
  };
}

/** Waits until it answers; a server that never does is stopped. */
async function answering(
  port: number,
  pid: number,
  processes: number,
  dispose: () => Promise<void>,
  signal: AbortSignal,
): Promise<BareServer> {
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_LIMIT * 1000;
  try {
    while (!(await answers(url))) {
      if (performance.now() > deadline) throw new Error(`the bare server did not answer within ${START_LIMIT} s`);
      await delay(50, undefined, { signal });
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { url, pid, processes, [Symbol.asyncDispose]: dispose };
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/items/1`, { headersTimeout: 1000, bodyTimeout: 1000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/**
 * A deployment as `docker-compose.yml` has it, with k6 in nginx's network. What counts is what counts without
 * containers, nginx's and the workers' own processes: what PM2 and health checks take does not depend on requests.
 */
export async function startInContainers(options: ComposeStackOptions): Promise<Way & AsyncDisposable> {
  const stack = await startComposeStack(options);
  const probes = [stack.probe];
  const dispose = async () => {
    await Promise.all(probes.map(probe => probe.close()));
    await stack.stop();
  };
  try {
    const [endpoint] = stack.endpoints;
    if (endpoint === undefined) throw new Error('nothing is deployed');
    const nginx = findContainer('nginx', stack.containers);
    const place = { project: stack.name, nginx: nginx.id, image: endpoint.container.image, labels: {} };
    // A probe takes the reports of one k6 at a time.
    while (probes.length < endpoint.workers) probes.push(await ProbeLink.open(place, options.signal));
    const launches = probes.map(probe => composedK6(stack.compose, probe, () => undefined));
    const [nginxPids, workerPids] = [
      await listProcesses(nginx, 'nginx: master'),
      await listProcesses(endpoint.container, 'services/process.ts'),
    ];
    return {
      name: `${endpoint.deployment.topology} through nginx, in containers`,
      url: endpoint.url,
      generators: launches.map(launch => ({ target: endpoint.target, launch })),
      cpu: () => ({ nginx: readCpuTime(nginxPids), workers: readCpuTime(workerPids) }),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The numbers of a container's processes whose command line holds `words`; its engine must run on this machine. */
async function listProcesses({ id }: Container, words: string): Promise<number[]> {
  const lines = (await docker(['top', id, '-o', 'pid,args'])).split('\n').filter(line => line.includes(words));
  const pids = lines.map(line => Number.parseInt(line, 10));
  if (pids.length > 0 && pids.every(pid => cgroupOf(id, pid) !== undefined)) return pids;
  throw new Error(`what ${words} takes cannot be read: the Docker Engine must run on this machine itself`);
}

/**
 * A second nginx in front of the stack's workers that does as nginx before 1.29.7 did unless it was told otherwise:
 * a connection to a worker for each request. All else of its file is the stack's.
 */
export async function startWithoutKeepAlive(
  { folder, endpoints: [endpoint], statusUrl }: LocalStack,
  [port, statusPort]: readonly number[],
): Promise<AsyncDisposable & { readonly url: string }> {
  const program = await findNginx();
  if (program === undefined || endpoint === undefined) throw new Error('nginx does not run');
  const own = `${folder.nginx}-without-keep-alive`;
  const text = await readFile(join(folder.nginx, 'nginx.conf'), 'utf8');
  const replaced = [
    [folder.nginx, own],
    [new URL(endpoint.url).host, `127.0.0.1:${port}`],
    [new URL(statusUrl).host, `127.0.0.1:${statusPort}`],
    ['proxy_set_header Connection "";', 'proxy_set_header Connection close;'],
  ].reduce((rest, [from = '', to = '']) => {
    if (!rest.includes(from)) throw new Error(`nginx.conf has no ${from}`);
    return rest.replaceAll(from, to);
  }, text);
  await mkdir(own);
  await writeFile(join(own, 'nginx.conf'), replaced);
  await promisify(execFile)(program.path, ['-e', join(own, 'error.log'), '-c', join(own, 'nginx.conf'), '-p', own], {
    cwd: own,
  });
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => stopNginx(own) };
}
