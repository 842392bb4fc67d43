import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seconds } from '../../../model/quantities.ts';
import type { StackPlan } from '../../../model/stack-plan.ts';
import { type Lock, tryLock } from '../lock.ts';
import * as nginx from './nginx.ts';
import * as pm2 from './pm2.ts';
import * as postgres from './postgres.ts';
import { runningPrograms, startedWith } from './processes.ts';

/**
 * Everything of a stack lies in one folder, and every process of it can be found from there: Postgres and nginx work
 * in it, PM2 and what it runs have its home in their environment. So a stack whose command was killed in mid-air is
 * found and stopped without a record that could be missing, half written, or name a number that is another's by now.
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

/** Longer than a program takes to be started on a busy machine, and too short for a user to notice. */
const LOCK_LIMIT: Seconds = 0.3;

/** The names under which PM2 runs a dashboard and its k6. */
export const dashboardPrograms = { server: 'dashboard', generator: 'k6' } as const;

/** What a stack that is up tells to commands that did not start it. */
export interface StackRecord {
  readonly name: string;
  readonly started: string;
  readonly statusPort: number;
  readonly plan: StackPlan;
  /** Where browsers find the dashboard's page; absent: there is none. */
  readonly page?: string;
}

/** The folder of a stack, whether it is there already or not. */
export async function stackFolder(root: string, name: string): Promise<StackFolder> {
  const path = join(stacksIn(await realpath(root)), name);
  const inside = (part: string) => join(path, part);
  return {
    path,
    postgres: inside('postgres'),
    nginx: inside('nginx'),
    pm2: inside('pm2'),
    logs: inside('logs'),
    plan: inside('stack.json'),
  };
}

/** The names of the stacks that have a folder or, after it was deleted, still a process. */
export async function stackNames(root: string): Promise<string[]> {
  const stacks = stacksIn(await realpath(root));
  const folders = existsSync(stacks) ? await readdir(stacks) : [];
  const homes = runningPrograms([...pm2.programs, 'nginx', 'postgres'])
    .map(({ pid, workingFolder }) => startedWith(pid, 'PM2_HOME') ?? workingFolder)
    .filter(home => home.startsWith(`${stacks}/`));
  return [...new Set([...folders, ...homes.flatMap(home => relative(stacks, home).split('/').slice(0, 1))])].sort();
}

/**
 * Held by whoever starts, stops or uses a stack for itself; `undefined` when somebody else does. A program that a
 * killed command was just about to start has that command's lock until it runs; from then on `processesOf` shows it.
 */
export async function lockStack(folder: StackFolder): Promise<Lock | undefined> {
  const deadline = performance.now() + LOCK_LIMIT * 1000;
  while (true) {
    const lock = await tryLock(`stack ${folder.path}`);
    if (lock !== undefined || performance.now() > deadline) return lock;
    await pause(10);
  }
}

/** Of a stack that is up, whoever started it; `undefined` when it is not, or not whole. */
export async function recordOf(folder: StackFolder): Promise<StackRecord | undefined> {
  const text = await readFile(recordIn(folder), 'utf8').catch(() => undefined);
  const whole = Object.values(processesOf(folder)).every(processes => processes.length > 0);
  return text !== undefined && whole ? (JSON.parse(text) as StackRecord) : undefined;
}

export async function writeRecord(folder: StackFolder, record: StackRecord): Promise<void> {
  await writeFile(`${recordIn(folder)}.new`, JSON.stringify(record, null, 2));
  await rename(`${recordIn(folder)}.new`, recordIn(folder));
}

/** All processes of the stack, by the part that they belong to. */
export function processesOf(folder: StackFolder) {
  return {
    nginx: nginx.processesIn(folder.nginx),
    pm2: pm2.processesIn(folder.pm2),
    postgres: postgres.processesIn(folder.postgres),
  };
}

/**
 * Stops every process of the stack, whoever started it, in the order that loses no request; without a drain once
 * `hurry` is aborted, and where the stack never was whole: nothing is served there yet, and PM2 stops nothing in good
 * order while a command that started it is still at work. To be called by who holds the stack's lock.
 */
export async function stopAll(folder: StackFolder, hurry?: AbortSignal): Promise<void> {
  if (!existsSync(recordIn(folder))) hurry = AbortSignal.abort();
  await rm(recordIn(folder), { force: true });
  // Whoever watches the page would hold up nginx, which waits for answers to end.
  await pm2.endPrograms(folder.pm2, Object.values(dashboardPrograms), hurry);
  await nginx.stopNginx(folder.nginx, hurry);
  await pm2.stopProcesses(folder.pm2, hurry);
  await postgres.stopPostgres(folder.postgres);
}

function recordIn(folder: StackFolder): string {
  return join(folder.path, 'record.json');
}

/** The folder in which a checkout keeps its stacks. */
function stacksIn(root: string): string {
  return join(root, '.loadline', 'stacks');
}
