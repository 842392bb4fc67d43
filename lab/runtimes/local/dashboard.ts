import { join } from 'node:path';
import type { StackPlan } from '../../../model/stack-plan.ts';
import { topologyNames } from '../../../model/topology.ts';
import { type Pm2App, pm2App } from '../../../services/pm2.ts';
import { k6Flags, k6Variables } from '../../run/generator.ts';
import { findK6, type K6Search } from './k6.ts';
import type { LocalNginxSettings } from './nginx.ts';
import { buildPage } from './page.ts';
import type { DashboardPorts } from './ports.ts';
import { dashboardPrograms, type StackFolder } from './stack-folder.ts';

/** What has to be there before a dashboard is started. */
export interface DashboardParts {
  /** The path of k6. */
  readonly k6: string;
  /** The folder of the runs of `compare`. */
  readonly runs: string;
}

/** What a dashboard and its k6 are started with. */
interface DashboardSettings extends DashboardParts {
  readonly ports: DashboardPorts;
  readonly plan: StackPlan;
  readonly databaseUrl: string;
  readonly folder: StackFolder;
  /** A folder for what Node has compiled. */
  readonly compileCache: string;
}

/** Seconds from the signal to stop to SIGKILL, and from an end to the next start: longer than a stack takes to stop. */
const times = { kill: 2, restart: 1 };
/** The user's variables for the page. */
const handedOn = ['LOADLINE_PAGE_HOSTS', 'LOADLINE_PAGE_TOKEN'];
const checkout = join(import.meta.dirname, '../../..');

/** Finds k6 or builds it, and builds the page where it is missing or older than its sources. */
export async function dashboardParts(search: K6Search): Promise<DashboardParts> {
  const [k6] = await Promise.all([findK6(search), buildPage(search)]);
  return { k6, runs: join(search.root, 'runs') };
}

/** The dashboard and k6, for PM2's list. */
export function dashboardApps(settings: DashboardSettings): Pm2App[] {
  const { ports, folder, k6, runs, databaseUrl, compileCache } = settings;
  const own = Object.entries(process.env).filter(([name]) => handedOn.includes(name));
  const server = {
    name: dashboardPrograms.server,
    script: join(checkout, 'dashboard/server/main.ts'),
    interpreter: process.execPath,
    env: {
      ...(Object.fromEntries(own) as Record<string, string>),
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
    },
  };
  const generator = {
    name: dashboardPrograms.generator,
    script: k6,
    interpreter: 'none',
    args: ['run', ...k6Flags, join(checkout, 'loadtests/live.ts')],
    // k6's own file in a home may not change a load.
    env: {
      ...k6Variables,
      HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      ORDERS: `http://127.0.0.1:${ports.desk}/`,
    },
  };
  return [server, generator].map(program => pm2App({ ...times, ...program, logFolder: folder.logs }));
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

/** nginx's log for the dashboard. */
function requestLogIn(folder: StackFolder): string {
  return join(folder.nginx, 'live.log');
}
