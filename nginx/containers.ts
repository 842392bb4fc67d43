import type { Deployment } from '../model/deployment.ts';
import { placedInContainer, workerPortsOf } from '../model/placement.ts';
import { type TopologyName, topologyOf } from '../model/topology.ts';
import type { Listing } from './page.ts';
import { connectionsWithin, type NginxSettings, type Site } from './render.ts';

/** A deployment in a container of its own, and where nginx's clients reach it. */
export interface ContainerSite {
  readonly deployment: Deployment;
  /** The container's name on the network that it shares with nginx. */
  readonly host: string;
  readonly port: number;
}

/** What nginx's container is told besides the sites. */
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
  /** The ports by which browsers reach the topologies, where they are not their own. */
  readonly published: ReadonlyMap<string, number>;
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
  sites: readonly ContainerSite[],
  absent: readonly TopologyName[],
  { openFiles, dashboard, published, start, ...settings }: ContainerSettings,
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
    sites: sites.map(siteOf),
    absent: absent.map(topology => ({
      port: topologyOf(topology).port,
      advice: `Start it beside what is there: ${startCommand(sites, topology, start)} (with the other variables that you set)`,
    })),
    resolver: RESOLVER,
    pages: {
      port: PAGE_PORT,
      listing: listingOf(sites, absent, published, start),
      ...(dashboard !== undefined && { dashboard }),
    },
  };
}

/** What starts a topology beside those that are there already. */
function startCommand(sites: readonly ContainerSite[], topology: TopologyName, start: string): string {
  const profiles = [...sites.map(({ deployment }) => deployment.topology), topology];
  return `COMPOSE_PROFILES=${profiles.join(',')} ${start}`;
}

function listingOf(
  sites: readonly ContainerSite[],
  absent: readonly TopologyName[],
  published: ReadonlyMap<string, number>,
  start: string,
): Listing {
  return {
    present: sites.map(({ deployment }) => ({
      deployment,
      port: published.get(deployment.topology) ?? topologyOf(deployment.topology).port,
    })),
    logs: start.replace(/up$/, 'logs stack dashboard'),
    absent: absent.map(topology => ({ topology, start: startCommand(sites, topology, start) })),
  };
}

function siteOf({ deployment, host, port }: ContainerSite): Site {
  const workers = workerPortsOf(placedInContainer(deployment)).map(worker => `${host}:${worker}`);
  return { deployment, port, workers };
}
