import { type Deployment, refusalOf } from '../model/deployment.ts';
import { bytes, ConfigError, composeUp, type Environment, whole } from '../model/environment.ts';
import { type TopologyName, topologyNames, topologyOf } from '../model/topology.ts';
import { deploymentAsked } from '../services/config.ts';
import { cpusWithin } from '../services/cpus.ts';
import type { ContainerSettings, ContainerSite } from './containers.ts';
import type { StackNumbers } from './preflight.ts';

/** What the environment of nginx's container asks for. */
export interface NginxEnvironment extends ContainerSettings {
  readonly sites: readonly ContainerSite[];
  /** The topologies that are left out. */
  readonly absent: readonly TopologyName[];
}

/** Profiles of `docker-compose.yml` that are no topology. */
const OTHER_PROFILES = ['load', '*', ''];

/** Reads the environment of nginx's container; throws a `ConfigError` that names what is wrong with it. */
export function nginxEnvironment(environment: Environment): NginxEnvironment {
  return {
    ...(environment.LOADLINE_SITES ? { sites: sitesIn(environment.LOADLINE_SITES), absent: [] } : stackIn(environment)),
    measuring: Boolean(environment.LOADLINE_MEASURING),
    accessLog: Boolean(environment.LOADLINE_ACCESS_LOG),
    ...(environment.LOADLINE_REQUEST_LOG && { liveLog: environment.LOADLINE_REQUEST_LOG }),
    ...(environment.LOADLINE_DASHBOARD && { dashboard: environment.LOADLINE_DASHBOARD }),
    openFiles: whole(environment, 'LOADLINE_OPEN_FILES', 1, 999_999),
    workerProcesses: cpusWithin(environment.LOADLINE_NGINX_CPUS, environment.LOADLINE_NGINX_CPUSET),
    published: portsIn(environment.LOADLINE_PUBLISHED),
    start: composeUp(environment),
  };
}

/** The numbers of a stack that has these deployments; throws a `ConfigError` that names what is wrong. */
export function stackNumbers(environment: Environment, sites: readonly ContainerSite[]): StackNumbers {
  return {
    deployments: sites.map(({ deployment }) => deployment),
    workersMemory: bytes(environment, 'LOADLINE_WORKERS_MEMORY'),
    databaseMaxConnections: whole(environment, 'LOADLINE_DATABASE_MAX_CONNECTIONS', 1, 262_143),
    workersCpus: Number(environment.LOADLINE_WORKERS_CPUS || 0),
  };
}

/** The topologies of a stack of containers: the profiles that its environment names. */
export function topologiesIn(environment: Environment): TopologyName[] {
  const asked = (environment.LOADLINE_TOPOLOGIES ?? '').split(',').map(name => name.trim());
  const unknown = asked.find(name => !topologyNames.some(known => known === name) && !OTHER_PROFILES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError('LOADLINE_TOPOLOGIES', `names ${unknown}; there are ${topologyNames.join(', ')}`);
  }
  return topologyNames.filter(name => asked.includes(name) || asked.includes('*'));
}

/** Each topology that is asked for, as a service of its own name on its well-known port. */
function stackIn(environment: Environment): Pick<NginxEnvironment, 'sites' | 'absent'> {
  const present = topologiesIn(environment);
  return {
    sites: present.map(topology => ({
      deployment: deploymentAsked(environment, topology),
      host: topology,
      port: topologyOf(topology).port,
    })),
    absent: topologyNames.filter(name => !present.includes(name)),
  };
}

function sitesIn(text: string): ContainerSite[] {
  const sites = (JSON.parse(text) as ContainerSite[]).map(site => ({
    ...site,
    deployment: { ...site.deployment, spec: topologyOf(site.deployment.topology) },
  }));
  const refusal = sites.map(({ deployment }) => refusalOf(deployment as Deployment)).find(Boolean);
  if (refusal !== undefined) throw new ConfigError('LOADLINE_SITES', `cannot be deployed: ${refusal}`);
  return sites;
}

function portsIn(text = ''): ReadonlyMap<string, number> {
  return new Map(Array.from(text.matchAll(/(\S+)=([1-9]\d*)/g), ([, topology = '', port]) => [topology, Number(port)]));
}
