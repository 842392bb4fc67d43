import { availableParallelism } from 'node:os';
import { cpusWithin, type Deployment, deploymentNear, refusalOf } from '../model/deployment.ts';
import { bytes, ConfigError, composeUp, type Environment, type Variable, whole } from '../model/environment.ts';
import { type ProcessPorts, planDeployment, portsAtPlace, type StackPlan } from '../model/stack-plan.ts';
import { type Topology, type TopologyName, topologies, topologyNames } from '../model/topology.ts';
import type { ContainerSettings } from './containers.ts';
import type { StackNumbers } from './preflight.ts';

/** What the environment of the service `stack` asks for. */
export interface StackEnvironment extends ContainerSettings {
  readonly plan: StackPlan;
  /** The topologies that are left out. */
  readonly absent: readonly TopologyName[];
}

/** The place of a topology in the ranges of ports follows from its own port: another topology does not move it. */
const FIRST_PORT = 8081;
const PLACES = 12;

/** Profiles of `docker-compose.yml` that are no topology. */
const OTHER_PROFILES = ['load', '*', ''];

/** Reads the environment of the service `stack`; throws a `ConfigError` that names what is wrong with it. */
export function stackEnvironment(environment: Environment): StackEnvironment {
  return {
    ...(environment.LOADLINE_PLAN
      ? { plan: JSON.parse(environment.LOADLINE_PLAN) as StackPlan, absent: [] }
      : planOf(environment)),
    measuring: Boolean(environment.LOADLINE_MEASURING),
    accessLog: Boolean(environment.LOADLINE_ACCESS_LOG),
    ...(environment.LOADLINE_REQUEST_LOG && { liveLog: environment.LOADLINE_REQUEST_LOG }),
    ...(environment.LOADLINE_DASHBOARD && { dashboard: environment.LOADLINE_DASHBOARD }),
    openFiles: whole(environment, 'LOADLINE_OPEN_FILES', 1, 999_999),
    workerProcesses: cpusWithin(
      environment.LOADLINE_NGINX_CPUS,
      environment.LOADLINE_NGINX_CPUSET,
      availableParallelism(),
    ),
    start: composeUp(environment),
  };
}

/** The numbers of a stack that has these deployments; throws a `ConfigError` that names what is wrong. */
export function stackNumbers(environment: Environment, { deployments }: StackPlan): StackNumbers {
  return {
    deployments: deployments.map(({ deployment }) => deployment),
    workersMemory: bytes(environment, 'LOADLINE_WORKERS_MEMORY'),
    databaseMaxConnections: whole(environment, 'LOADLINE_DATABASE_MAX_CONNECTIONS', 1, 262_143),
    workersCpus: Number(environment.LOADLINE_WORKERS_CPUS || 0),
  };
}

/** Each topology that is asked for, as a service of its own name on its well-known port. */
function planOf(environment: Environment): Pick<StackEnvironment, 'plan' | 'absent'> {
  const present = topologiesIn(environment);
  const published = portsIn(environment.LOADLINE_PUBLISHED);
  const deployments = present.map(spec => {
    const { name: host, port } = spec;
    const deployment = deploymentAsked(environment, spec);
    const processes = portsInContainer(deployment);
    return planDeployment(deployment, {
      ...{ host, nginxHost: 'nginx', nginxPort: port, publishedPort: published.get(host) ?? port, processes },
    });
  });
  const absent = topologyNames.filter(name => !present.some(topology => topology.name === name));
  return { plan: { schema: 1, deployments }, absent };
}

/** The topologies of a stack of containers: the profiles that its environment names. */
function topologiesIn(environment: Environment): Topology[] {
  const asked = (environment.LOADLINE_TOPOLOGIES ?? '').split(',').map(name => name.trim());
  const unknown = asked.find(name => !topologyNames.includes(name) && !OTHER_PROFILES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigError('LOADLINE_TOPOLOGIES', `names ${unknown}; there are ${topologyNames.join(', ')}`);
  }
  return topologies.filter(({ name }) => asked.includes(name) || asked.includes('*'));
}

/** The deployment of a topology that is nearest to the numbers of an environment. */
function deploymentAsked(environment: Environment, topology: Topology): Deployment {
  const { LOADLINE_WORKERS_CPUS: limit, LOADLINE_WORKERS_CPUSET: set } = environment;
  const number = (name: Variable, most: number) => (environment[name] ? whole(environment, name, 1, most) : undefined);
  const processes = number('LOADLINE_PROCESSES', 1024);
  const threads = number('LOADLINE_THREADS', 1024);
  const databaseConnections = number('LOADLINE_DATABASE_CONNECTIONS', 100_000);
  const deployment = deploymentNear(topology, cpusWithin(limit, set, availableParallelism()), {
    ...(processes !== undefined && { processes }),
    ...(threads !== undefined && { threads }),
    ...(databaseConnections !== undefined && { databaseConnections }),
  });
  const refusal = refusalOf(deployment);
  if (refusal === undefined) return deployment;
  throw new ConfigError('LOADLINE_TOPOLOGIES', `cannot be deployed with these numbers: ${refusal}`);
}

/** Where the processes of a deployment listen in the stack; throws a `ConfigError` where there are no ports for it. */
export function portsInContainer(deployment: Deployment): ProcessPorts[] {
  try {
    return portsAtPlace(deployment, deployment.spec.port - FIRST_PORT, PLACES);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError('LOADLINE_TOPOLOGIES', `cannot be deployed: ${error.message}`);
  }
}

function portsIn(text = ''): ReadonlyMap<string, number> {
  return new Map(Array.from(text.matchAll(/(\S+)=([1-9]\d*)/g), ([, topology = '', port]) => [topology, Number(port)]));
}
