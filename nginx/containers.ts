import type { PlannedDeployment, StackPlan } from '../model/stack-plan.ts';
import { type TopologyName, topologyOf } from '../model/topology.ts';
import type { Listing } from './page.ts';
import { connectionsWithin, type NginxSettings } from './render.ts';

/** What nginx's container is told besides the plan. */
export interface ContainerSettings {
  readonly measuring: boolean;
  readonly accessLog: boolean;
  /** How many nginx's container lets it open. */
  readonly openFiles: number;
  /** Of nginx: as many as it has CPUs. */
  readonly workerProcesses: number;
  /** The file for the dashboard; absent: none. */
  readonly liveLog?: string;
  /** Where the dashboard serves its page: `dashboard:3000`; absent: there is none. */
  readonly dashboard?: string;
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
}

/** The nginx that `docker-compose.yml` names. */
const VERSION = '1.30.0';
/** Docker's name server, in every network that a user has made. */
const RESOLVER = '127.0.0.11';

export const PAGE_PORT = 8080;
export const STATUS_PORT = 8079;

/** nginx's settings in a container, in front of containers: read-only but for `/tmp`, logs to where Docker collects them. */
export function containerSettings(
  { deployments }: StackPlan,
  absent: readonly TopologyName[],
  { openFiles, dashboard, start, ...settings }: ContainerSettings,
): NginxSettings {
  return {
    version: VERSION,
    folder: '/tmp',
    logs: 'streams',
    daemon: false,
    host: '0.0.0.0',
    statusPort: STATUS_PORT,
    ...settings,
    connections: connectionsWithin(openFiles, settings.measuring, files => `set OPEN_FILES=${files} or higher`),
    deployments,
    absent: absent.map(topology => ({
      port: topologyOf(topology).port,
      advice: `Start it beside what is there: ${startCommand(deployments, topology, start)} (with the other variables that you set)`,
    })),
    resolver: RESOLVER,
    pages: {
      port: PAGE_PORT,
      listing: listingOf(deployments, absent, start),
      ...(dashboard !== undefined && { dashboard }),
    },
  };
}

/** What starts a topology beside those that are there already. */
function startCommand(deployments: readonly PlannedDeployment[], topology: TopologyName, start: string): string {
  const profiles = [...deployments.map(({ deployment }) => deployment.topology), topology];
  return `COMPOSE_PROFILES=${profiles.join(',')} ${start}`;
}

function listingOf(deployments: readonly PlannedDeployment[], absent: readonly TopologyName[], start: string): Listing {
  return {
    present: deployments,
    logs: start.replace(/up$/, 'logs stack dashboard'),
    absent: absent.map(topology => ({ topology, start: startCommand(deployments, topology, start) })),
  };
}
