import { realpath } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { LoadlineError } from '../../model/errors.ts';
import type { Bytes } from '../../model/quantities.ts';
import { availableCpus, readText } from '../../services/cpus.ts';
import { cpuBetween, machineTime } from '../probe/machine.ts';
import { docker, ifRefused, splitLines } from '../runtimes/compose/docker.ts';
import { type Engine, findEngine, isThere, type NoEngine } from '../runtimes/compose/engine.ts';
import { findGo, k6Version, presentK6 } from '../runtimes/local/k6.ts';
import { findNginx, type NginxProgram } from '../runtimes/local/nginx.ts';
import { hasApt } from '../runtimes/local/nginx-download.ts';
import { areFree } from '../runtimes/local/ports.ts';
import { postgresProgram } from '../runtimes/local/postgres.ts';
import type { CommandContext } from './context.ts';

/** What `loadline check` looks at, before it is judged. */
export interface MachineFacts {
  /** The version of Node, such as `v24.21.0`. */
  readonly node: string;
  readonly engine: Engine | NoEngine;
  readonly nginx: NginxProgram | 'downloadable' | undefined;
  /** What is wrong with the packaged Postgres. */
  readonly postgresProblem: string | undefined;
  readonly k6: K6Facts;
  /** The ports of `docker compose up` that another program listens on, by the variables that set them. */
  readonly takenPorts: ReadonlyMap<string, number>;
  /** What the checkout's folder is called. */
  readonly folder: string;
  /** Whether a stack of this checkout has containers, under the project name of `docker compose up`. */
  readonly ownStack: boolean;
  /** The folder of another checkout whose stack has the project name that `docker compose up` would use here. */
  readonly sameNamed: string | undefined;
  readonly cpus: { readonly available: number; readonly total: number; readonly model: string };
  readonly memory: { readonly free: Bytes; readonly total: Bytes };
  /** Fractions of all CPU time in the last second. */
  readonly cpuTime: { readonly busy: number; readonly steal: number };
  /** Processes that run or wait for a CPU, a mean of the last minute. */
  readonly load: number;
  /** How many files a process may open; `NaN` where the system does not tell. */
  readonly openFiles: number;
  /** Of the CPU's speed, such as `powersave`; empty where the system does not tell. */
  readonly governor: string;
}

/** Which k6 there is. */
export interface K6Facts {
  /** The version that Loadline is pinned to. */
  readonly version: string;
  /** Where a k6 of this version is. */
  readonly path: string | undefined;
  /** A Go that can build it. */
  readonly go: string | undefined;
}

/** Of the CPU time: other programs that take more make trials invalid. */
export const BUSY_LIMIT = 0.05;
const LOOK_MS = 1000;
/** The name that `docker-compose.yml` gives itself. */
const PROJECT = 'loadline';

/** Looks at this machine for a second; programs are looked for where a stack looks for them. */
export async function collectFacts({ root, signal }: CommandContext): Promise<MachineFacts> {
  const [engine, nginx, postgresProblem, k6, takenPorts] = await Promise.all([
    findEngine(signal),
    findNginx(),
    findPostgresProblem(),
    findK6Facts(root),
    findTakenPorts(root),
  ]);
  const stacks = isThere(engine) ? await findStacks(root, signal) : { ownStack: false, sameNamed: undefined };
  return {
    ...{
      node: process.version,
      engine,
      nginx: nginx ?? (hasApt() ? 'downloadable' : undefined),
      postgresProblem,
      k6,
      takenPorts,
      ...stacks,
      folder: basename(await realpath(root)),
    },
    cpus: { available: availableCpus(), total: cpus().length, model: cpus()[0]?.model ?? 'unknown' },
    memory: { free: freemem(), total: totalmem() },
    cpuTime: await watchCpuTime(signal),
    load: loadavg()[0] ?? Number.NaN,
    openFiles: Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readText('/proc/self/limits') ?? '')?.[1] ?? Number.NaN),
    governor: (readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? '').trim(),
  };
}

async function findPostgresProblem(): Promise<string | undefined> {
  try {
    await postgresProgram('initdb');
    await postgresProgram('postgres');
    return undefined;
  } catch (error) {
    if (!(error instanceof LoadlineError)) throw error;
    return error.message;
  }
}

async function findK6Facts(root: string): Promise<K6Facts> {
  const [version, path, go] = await Promise.all([k6Version(root), presentK6(root), findGo()]);
  return { version, path, go };
}

/** `.env` has every port with its default; a variable of the environment goes before it. */
async function findTakenPorts(root: string): Promise<Map<string, number>> {
  const settings = { ...parseEnv(readText(join(root, '.env')) ?? ''), ...process.env };
  const ports = Object.entries(settings).flatMap(([name, value]) =>
    /^PORT_/.test(name) && /^\d+$/.test(value ?? '') ? [[name, Number(value)] as const] : [],
  );
  const free = await Promise.all(ports.map(([, port]) => areFree([port])));
  return new Map(ports.filter((_, index) => !free[index]).sort(([, one], [, other]) => one - other));
}

/** Compose labels each container with the folder that it was started from. */
async function findStacks(root: string, signal: AbortSignal): Promise<Pick<MachineFacts, 'ownStack' | 'sameNamed'>> {
  const project = process.env.COMPOSE_PROJECT_NAME || PROJECT;
  const filter = `label=com.docker.compose.project=${project}`;
  const format = '{{.Label "com.docker.compose.project.working_dir"}}';
  const answer = await docker(['ps', '--all', '--filter', filter, '--format', format], { signal }).catch(ifRefused);
  const folders = splitLines(answer ?? '');
  const here = [root, await realpath(root)];
  return {
    ownStack: folders.some(folder => here.includes(folder)),
    sameNamed: folders.find(folder => !here.includes(folder)),
  };
}

/** Watches the CPUs for a second: the fractions of their time that were busy, and that the host took. */
export async function watchCpuTime(signal: AbortSignal): Promise<MachineFacts['cpuTime']> {
  const before = machineTime();
  await delay(LOOK_MS, undefined, { signal });
  return cpuBetween(before, machineTime());
}
