import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import type { StackPlan } from '../../../model/stack-plan.ts';
import { topologyNames } from '../../../model/topology.ts';
import { type Pm2App, pm2App } from '../../../services/pm2.ts';
import { k6Flags, k6Variables } from '../../run/generator.ts';
import { findK6, type K6Search } from './k6.ts';
import { logTail } from './log-tail.ts';
import type { LocalNginxSettings } from './nginx.ts';
import { buildPage } from './page.ts';
import type { DashboardPorts } from './placement.ts';
import { dashboardPrograms, type StackFolder } from './stack-folder.ts';

/** What has to be there before a dashboard is started. */
export interface DashboardParts {
  /** The path of k6. */
  readonly k6: string;
  /** The folder of the runs of `compare`. */
  readonly runs: string;
}

/** Finds k6 or builds it, and builds the page where it is missing or older than its sources. */
export async function dashboardParts(search: K6Search): Promise<DashboardParts> {
  const [k6] = await Promise.all([findK6(search), buildPage(search)]);
  return { k6, runs: join(search.root, 'runs') };
}

/** What a dashboard and the k6 that it gives orders to are started with. */
export interface DashboardSettings extends DashboardParts {
  readonly ports: DashboardPorts;
  readonly plan: StackPlan;
  readonly databaseUrl: string;
  readonly folder: StackFolder;
  /** A folder for what Node has compiled. */
  readonly compileCache: string;
}

const READY_LIMIT: Seconds = 20;
const LOOK_EVERY_MS = 50;
/** From the signal to stop to SIGKILL. */
const KILL: Seconds = 2;
/** Longer than the rest of a stack takes to stop: once they are stopped, they stay it. */
const RESTART: Seconds = 1;

/** Of the user's environment, what concerns the page. */
const handedOn = ['LOADLINE_PAGE_HOSTS', 'LOADLINE_PAGE_TOKEN'];

/** The dashboard and k6, for PM2's list. */
export function dashboardApps(settings: DashboardSettings): Pm2App[] {
  const { ports, folder, k6 } = settings;
  const common = { kill: KILL, restart: RESTART, logFolder: folder.logs };
  return [
    pm2App({
      ...common,
      name: dashboardPrograms.server,
      script: inCheckout('dashboard/server/main.ts'),
      interpreter: process.execPath,
      env: environmentOf(settings),
    }),
    pm2App({
      ...common,
      name: dashboardPrograms.generator,
      script: k6,
      interpreter: 'none',
      args: ['run', ...k6Flags, inCheckout('loadtests/live.ts')],
      // k6's own file in a home may not change a load.
      env: {
        ...k6Variables,
        HOME: folder.path,
        XDG_CONFIG_HOME: folder.path,
        ORDERS: `http://127.0.0.1:${ports.desk}/`,
      },
    }),
  ];
}

/** What nginx is told of the dashboard. */
export function dashboardsNginx({
  ports,
  plan,
  folder,
}: Pick<DashboardSettings, 'ports' | 'plan' | 'folder'>): Pick<LocalNginxSettings, 'liveLog' | 'pages'> {
  const there = plan.deployments.map(({ deployment }) => deployment.topology);
  const absent = topologyNames
    .filter(name => !there.includes(name))
    .map(topology => ({ topology, start: `./loadline down && ./loadline up ${[...there, topology].join(' ')}` }));
  return {
    liveLog: requestLogIn(folder),
    pages: {
      port: ports.page,
      listing: { present: plan.deployments, absent },
      dashboard: `127.0.0.1:${ports.web}`,
    },
  };
}

/** Where browsers find the page: `http://127.0.0.1:8080`. */
export function pageAddress({ page }: DashboardPorts): string {
  return `http://127.0.0.1:${page}`;
}

/** Returns when the page is there, through nginx; otherwise throws with the end of the dashboard's log. */
export async function waitForPage(ports: DashboardPorts, folder: StackFolder, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_LIMIT * 1000;
  while (!(await answers(pageAddress(ports)))) {
    if (performance.now() > deadline) {
      const said = logTail(join(folder.logs, `${dashboardPrograms.server}.err.log`)) || ' nothing';
      const without = 'the rest starts with ./loadline up --no-dashboard';
      throw new LoadlineError(
        'dashboard-failed',
        `The dashboard was not ready within ${READY_LIMIT} s; ${without}. The end of what it wrote:${said}`,
      );
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

function environmentOf({ ports, databaseUrl, folder, runs, compileCache }: DashboardSettings) {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => handedOn.includes(name))),
    LOADLINE_STACK: folder.plan,
    LOADLINE_REQUEST_LOG: requestLogIn(folder),
    LOADLINE_DATABASE_URL: databaseUrl,
    LOADLINE_HOST: '127.0.0.1',
    LOADLINE_WEB_PORT: String(ports.web),
    LOADLINE_DESK_PORT: String(ports.desk),
    LOADLINE_RUNS: runs,
    LOADLINE_PAGE_ADDRESS: pageAddress(ports),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: compileCache,
  };
}

/** nginx's log for the dashboard. */
function requestLogIn(folder: StackFolder): string {
  return join(folder.nginx, 'live.log');
}

async function answers(address: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(address, { headersTimeout: 1000, bodyTimeout: 1000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

function inCheckout(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
