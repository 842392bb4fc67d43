import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';
import type { StackPlan } from '../../../model/stack-plan.ts';
import { type Lock, tryLock } from '../lock.ts';
import { nginxProcesses, stopNginx } from './nginx.ts';
import { endPrograms, pm2Processes, pm2Programs, stopProcesses } from './pm2.ts';
import { postgresProcesses, stopPostgres } from './postgres.ts';
import { runningPrograms, startedWith } from './processes.ts';

/**
 * The folder of a stack, from which every process of the stack can be found: Postgres and nginx work in it, PM2 and what
 * it runs have it in their environment. So a stack whose command was killed is found without a record, which could be
 * missing, half written, or name the number of another process.
 */
export interface StackFolder {
  readonly path: string;
  readonly postgres: string;
  readonly nginx: string;
  readonly pm2: string;
  readonly logs: string;
  /** The file with the plan of the stack. */
  readonly plan: string;
}

/** What a stack that is up tells to other commands. */
interface StackRecord {
  readonly name: string;
  readonly started: string;
  readonly statusPort: number;
  readonly plan: StackPlan;
  /** Where browsers find the dashboard's page; absent: there is none. */
  readonly page?: string;
}

/** How the names of stacks begin that end with the command that started them. */
export const TEMPORARY = 'compare-';
/** The names under which PM2 runs a dashboard and its k6. */
export const dashboardPrograms = { server: 'dashboard', generator: 'k6' } as const;

/** Longer than a program takes to be started on a busy machine, and too short for a user to notice. */
const LOCK_LIMIT: Seconds = 0.3;

/** The folder of a stack, whether it is there already or not. */
export async function stackFolder(root: string, name: string): Promise<StackFolder> {
  const path = join(await findStacks(root), name);
  const [postgres, nginx, pm2, logs, plan] = ['postgres', 'nginx', 'pm2', 'logs', 'stack.json'].map(part =>
    join(path, part),
  ) as [string, string, string, string, string];
  return { path, postgres, nginx, pm2, logs, plan };
}

/** The names of the stacks that have a folder or, after it was deleted, still a process. */
export async function stackNames(root: string): Promise<string[]> {
  const stacks = await findStacks(root);
  const folders = existsSync(stacks) ? await readdir(stacks) : [];
  const homes = runningPrograms([...pm2Programs, 'nginx', 'postgres'])
    .map(({ pid, workingFolder }) => startedWith(pid, 'PM2_HOME') ?? workingFolder)
    .filter(home => home.startsWith(`${stacks}/`));
  return [...new Set([...folders, ...homes.flatMap(home => relative(stacks, home).split('/').slice(0, 1))])].sort();
}

/**
 * Held by the command that starts, stops or uses a stack for itself; `undefined` when another command holds it. A program
 * that a killed command was just starting keeps that command's lock until it runs; from then on `listStackProcesses` shows it.
 */
export async function lockStack(folder: StackFolder): Promise<Lock | undefined> {
  const deadline = performance.now() + LOCK_LIMIT * 1000;
  while (true) {
    const lock = await tryLock(`stack ${folder.path}`);
    if (lock !== undefined || performance.now() > deadline) return lock;
    await pause(10);
  }
}

/** The record of a stack of which every part runs. */
export async function readRecord(folder: StackFolder): Promise<StackRecord | undefined> {
  const text = await readFile(join(folder.path, 'record.json'), 'utf8').catch(() => undefined);
  const isWhole = Object.values(listStackProcesses(folder)).every(processes => processes.length > 0);
  return text !== undefined && isWhole ? (JSON.parse(text) as StackRecord) : undefined;
}

export async function writeRecord(folder: StackFolder, record: StackRecord): Promise<void> {
  const file = join(folder.path, 'record.json');
  await writeFile(`${file}.new`, JSON.stringify(record, null, 2));
  await rename(`${file}.new`, file);
}

/** All processes of the stack, by the part that they belong to. */
export function listStackProcesses(folder: StackFolder) {
  return {
    nginx: nginxProcesses(folder.nginx),
    pm2: pm2Processes(folder.pm2),
    postgres: postgresProcesses(folder.postgres),
  };
}

/**
 * Stops every process of the stack, in the order that loses no request; the caller holds the stack's lock. Nothing drains
 * once `hurry` is aborted, nor where the stack never was whole: it serves nothing yet, and PM2 cannot stop in good order
 * what one of its commands is still starting.
 */
export async function stopAll(folder: StackFolder, hurry?: AbortSignal): Promise<void> {
  const record = join(folder.path, 'record.json');
  if (!existsSync(record)) hurry = AbortSignal.abort();
  await rm(record, { force: true });
  // The dashboard first: nginx waits for the answers to open pages, which do not end by themselves.
  await endPrograms(folder.pm2, Object.values(dashboardPrograms), hurry);
  await stopNginx(folder.nginx, hurry);
  await stopProcesses(folder.pm2, hurry);
  await stopPostgres(folder.postgres);
}

/** Stops and removes every temporary stack of the checkout whose command has ended: it would disturb a measurement. */
export async function removeTemporaryStacks(root: string, say: (line: string) => void): Promise<void> {
  for (const name of await stackNames(root)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const folder = await stackFolder(root, name);
    await using lock = await lockStack(folder);
    if (lock === undefined) continue;
    say(`stopping ${name}, whose command was killed`);
    await stopAll(folder, AbortSignal.abort());
    await rm(folder.path, { recursive: true, force: true });
  }
}

/** The folder in which a checkout keeps its stacks. */
async function findStacks(root: string): Promise<string> {
  return join(await realpath(root), '.loadline', 'stacks');
}
