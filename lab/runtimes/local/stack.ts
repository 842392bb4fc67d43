import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { MOST_LIVE_CONNECTIONS } from '../../../model/limits.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { type PlannedDeployment, targetOf } from '../../../model/stack-plan.ts';
import { ecosystemOf } from '../../../services/pm2.ts';
import type { Endpoint } from '../../run/runtime.ts';
import { connectionsFor } from '../connections.ts';
import type { Lock } from '../lock.ts';
import { makeFolder } from '../make-folder.ts';
import { requirePossible } from '../possible.ts';
import { type DashboardParts, dashboardApps, dashboardsNginx, pageAddress, waitForPage } from './dashboard.ts';
import { installedNginx } from './install-nginx.ts';
import { startNginx } from './nginx.ts';
import { placed, portsNeeded } from './placement.ts';
import { startProcesses } from './pm2.ts';
import { claimPorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startedWith } from './processes.ts';
import { waitUntilReady } from './readiness.ts';
import { compileServices, prepareDatabase } from './service-programs.ts';
import {
  lockStack,
  processesOf,
  recordOf,
  type StackFolder,
  stackFolder,
  stopAll,
  writeRecord,
} from './stack-folder.ts';
import { freeClientPorts, freePagePort } from './well-known-ports.ts';

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
  await makeFolder(folder.path);
  const lock = await lockStack(folder);
  if (lock === undefined) {
    throw new LoadlineError(
      'stack-running',
      `Another command is at work on ${folder.path}; wait for it or interrupt it`,
    );
  }
  try {
    if ((await recordOf(folder)) !== undefined) {
      throw new LoadlineError(
        'stack-running',
        'The stack is already up; see ./loadline status, or stop it with ./loadline down',
      );
    }
    // What a command that was killed may have left here.
    await stopAll(folder, AbortSignal.abort());
    const stack = await start(options, folder, lock);
    if (options.life === 'stays') await lock.release();
    return stack;
  } catch (error) {
    // When it was the user who ended it, nobody will want the logs.
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
  const program = await installedNginx(options);
  await using claim = await claimPorts(portsNeeded(deployments), signal);
  const preferred = wellKnownPorts ? await freeClientPorts(deployments) : new Map();
  const { postgres: postgresPort, status, plan, ...others } = placed(deployments, claim.ports, preferred);
  const page = (wellKnownPorts && (await freePagePort())) || others.dashboard.page;
  const dashboard = options.dashboard && { ...options.dashboard, ports: { ...others.dashboard, page } };
  try {
    say('starting Postgres');
    const compileCache = join(options.root, '.loadline', 'compile-cache');
    // The page may raise a deployment's ceiling to so many.
    const maxConnections = connectionsFor(deployments) + (dashboard ? MOST_LIVE_CONNECTIONS : 0);
    const postgres = await startPostgres({ folder: folder.postgres, port: postgresPort, maxConnections, signal });
    await writeFile(folder.plan, `${JSON.stringify(plan, null, 2)}\n`);
    await prepareDatabase(postgres.url, folder.plan, signal);
    await compileServices(compileCache, signal);
    say(`starting ${deployments.map(({ topology }) => topology).join(', ')}`);
    await mkdir(folder.logs, { recursive: true });
    const databaseUrl = postgres.url;
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
    if (dashboard) await waitForPage(dashboard.ports, folder, signal);
    signal.throwIfAborted();
    const address = dashboard && { page: pageAddress(dashboard.ports) };
    await writeRecord(folder, {
      name: options.name,
      started: new Date().toISOString(),
      statusPort: status,
      plan,
      ...address,
    });
    return {
      endpoints: plan.deployments.map(planned => endpointOf(planned, folder)),
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
    // Nothing is in progress yet that a drain could save.
    await stopAll(folder, AbortSignal.abort());
    throw error;
  }
}

function endpointOf(planned: PlannedDeployment, folder: StackFolder): LocalEndpoint {
  return {
    planned,
    deployment: planned.deployment,
    url: targetOf(planned),
    workers: deriveParallelism(planned.deployment).workers,
    pids: () =>
      processesOf(folder)
        .pm2.filter(({ pid }) => startedWith(pid, 'LOADLINE_DEPLOYMENT') === planned.id)
        .map(({ pid }) => pid),
  };
}
