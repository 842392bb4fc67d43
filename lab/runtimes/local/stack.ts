import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '../../../model/deployment.ts';
import { type ErrorCode, LoadlineError } from '../../../model/errors.ts';
import { MOST_LIVE_CONNECTIONS } from '../../../model/limits.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { type PlannedDeployment, targetOf } from '../../../model/stack-plan.ts';
import { ecosystemOf } from '../../../services/pm2.ts';
import type { Endpoint } from '../../run/runtime.ts';
import { inheritedEnvironment, runChild } from '../child-process.ts';
import { connectionsFor, requirePossible } from '../feasibility.ts';
import type { Lock } from '../lock.ts';
import { makeStackFolder } from '../measured-stack.ts';
import { type DashboardParts, dashboardApps, dashboardsNginx, pageAddress } from './dashboard.ts';
import { startNginx } from './nginx.ts';
import { provideNginx } from './nginx-download.ts';
import { startProcesses } from './pm2.ts';
import { assignPorts, claimPorts, findWellKnownPorts, portsNeeded } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startedWith } from './processes.ts';
import { waitForPage, waitUntilReady } from './readiness.ts';
import {
  listStackProcesses,
  lockStack,
  readRecord,
  type StackFolder,
  stackFolder,
  stopAll,
  writeRecord,
} from './stack-folder.ts';

export interface StackOptions {
  /** The checkout: stacks lie in its `.loadline`. */
  readonly root: string;
  /** Names its folder among the checkout's stacks. */
  readonly name: string;
  readonly deployments: readonly Deployment[];
  /** Whether clients reach each topology, and browsers the page, on its well-known port where that is free. */
  readonly wellKnownPorts: boolean;
  readonly measuring: boolean;
  readonly accessLog: boolean;
  /** `'stays'`: it outlives the command, and its database the stack. `'temporary'`: nothing is left of it. */
  readonly life: 'stays' | 'temporary';
  readonly workerProcesses: number;
  /** Absent: none is started. */
  readonly dashboard?: DashboardParts;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Postgres, the processes of each deployment, and nginx in front of them, on this machine. */
export interface LocalStack {
  readonly endpoints: readonly LocalEndpoint[];
  readonly folder: StackFolder;
  readonly databaseUrl: string;
  /** Where browsers find the dashboard's page; absent: there is none. */
  readonly page?: string;
  /** Where nginx tells its own figures. */
  readonly statusUrl: string;
  readonly nginxVersion: string;
  readonly nginxProcesses: number;
  /** The first process of each part, the parent of its others. */
  readonly pids: { readonly nginx: number; readonly postgres: number };
  /** Stops everything and returns when it is gone; once the signal is aborted no request is waited for. */
  stop(): Promise<void>;
}

export interface LocalEndpoint extends Endpoint {
  readonly planned: PlannedDeployment;
  /** Of its processes as they are now. */
  pids(): number[];
}

/** Starts everything and returns when every worker is ready; what was started is stopped again when that fails. */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  requirePossible(options.deployments);
  const folder = await stackFolder(options.root, options.name);
  await makeStackFolder(folder.path);
  const lock = await lockStack(folder);
  if (lock === undefined) {
    const message = `Another command is at work on ${folder.path}; wait for it or interrupt it`;
    throw new LoadlineError('stack-running', message);
  }
  try {
    if ((await readRecord(folder)) !== undefined) {
      const message = 'The stack is already up; see ./loadline status, or stop it with ./loadline down';
      throw new LoadlineError('stack-running', message);
    }
    // A command that was killed may have left processes here.
    await stopAll(folder, AbortSignal.abort());
    const stack = await start(options, folder, lock);
    if (options.life === 'stays') await lock.release();
    return stack;
  } catch (error) {
    // After Ctrl-C the logs are of no use.
    if (options.life === 'temporary' && options.signal.aborted) await rm(folder.path, { recursive: true, force: true });
    await lock.release();
    options.signal.throwIfAborted();
    throw error;
  }
}

async function start(options: StackOptions, folder: StackFolder, lock: Lock): Promise<LocalStack> {
  const { deployments, measuring, accessLog, workerProcesses, wellKnownPorts, signal, say } = options;
  const stop = async () => {
    await stopAll(folder, signal);
    if (options.life === 'temporary') await rm(folder.path, { recursive: true, force: true });
    await lock.release();
  };
  const program = await provideNginx({ signal, say });
  await using claim = await claimPorts(portsNeeded(deployments), signal);
  const preferred = wellKnownPorts ? await findWellKnownPorts(deployments) : undefined;
  const { postgres: postgresPort, status, plan, ...others } = assignPorts(deployments, claim.ports, preferred?.clients);
  const page = preferred?.page ?? others.dashboard.page;
  const dashboard = options.dashboard && { ...options.dashboard, ports: { ...others.dashboard, page } };
  try {
    say('starting Postgres');
    const compileCache = join(options.root, '.loadline', 'compile-cache');
    // The page may raise the limit of a deployment to so many.
    const maxConnections = connectionsFor(deployments) + (dashboard ? MOST_LIVE_CONNECTIONS : 0);
    const postgres = await startPostgres({ folder: folder.postgres, port: postgresPort, maxConnections, signal });
    await writeFile(folder.plan, `${JSON.stringify(plan, null, 2)}\n`);
    const databaseUrl = postgres.url;
    const variables = { LOADLINE_DATABASE_URL: databaseUrl, LOADLINE_STACK: folder.plan };
    await runService(
      'database/prepare.ts',
      variables,
      ['postgres-failed', 'Tables and roles could not be created'],
      signal,
    );
    // Compiled once here, so that no worker needs a compiler of its own.
    const cache = { NODE_COMPILE_CACHE: compileCache };
    await runService('compile.ts', cache, ['workers-failed', 'The service does not compile'], signal);
    say(`starting ${deployments.map(({ topology }) => topology).join(', ')}`);
    await mkdir(folder.logs, { recursive: true });
    const { apps } = ecosystemOf(plan.deployments, {
      nodePath: process.execPath,
      databaseUrl,
      plan: folder.plan,
      logFolder: folder.logs,
      compileCache,
    });
    if (dashboard) apps.push(...dashboardApps({ ...dashboard, plan, databaseUrl, folder, compileCache }));
    await startProcesses(folder.pm2, { apps }, signal);
    await waitUntilReady(plan, folder.logs, signal);
    const nginx = await startNginx(program, {
      folder: folder.nginx,
      statusPort: status,
      workerProcesses,
      measuring,
      accessLog,
      deployments: plan.deployments,
      ...(dashboard && dashboardsNginx({ ...dashboard, plan, folder })),
    });
    const address = dashboard && { page: pageAddress(dashboard.ports) };
    if (address) await waitForPage(address.page, folder.logs, signal);
    signal.throwIfAborted();
    const started = new Date().toISOString();
    await writeRecord(folder, { name: options.name, started, statusPort: status, plan, ...address });
    return {
      endpoints: plan.deployments.map(planned => buildEndpoint(planned, folder)),
      folder,
      databaseUrl,
      ...address,
      statusUrl: `http://127.0.0.1:${status}/status`,
      nginxVersion: nginx.version,
      nginxProcesses: workerProcesses,
      pids: { nginx: nginx.pid, postgres: postgres.pid },
      stop,
    };
  } catch (error) {
    // Nothing is in progress yet.
    await stopAll(folder, AbortSignal.abort());
    throw error;
  }
}

function buildEndpoint(planned: PlannedDeployment, folder: StackFolder): LocalEndpoint {
  return {
    planned,
    deployment: planned.deployment,
    url: targetOf(planned),
    workers: deriveParallelism(planned.deployment).workers,
    pids: () =>
      listStackProcesses(folder)
        .pm2.filter(({ pid }) => startedWith(pid, 'LOADLINE_DEPLOYMENT') === planned.id)
        .map(({ pid }) => pid),
  };
}

/** Runs a program of `services/` to its end; `failure` is what a failure is told as. */
async function runService(
  program: string,
  variables: Readonly<Record<string, string>>,
  [code, what]: readonly [ErrorCode, string],
  signal: AbortSignal,
): Promise<void> {
  const script = join(import.meta.dirname, '../../../services', program);
  const env = inheritedEnvironment(variables);
  const outcome = await runChild(process.execPath, [script], { env, signal });
  if (outcome.code !== 0) throw new LoadlineError(code, `${what}: ${outcome.stderr.trim()}`);
}
