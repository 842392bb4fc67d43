import { type Deployment, deploymentName, listWorkers } from './deployment.ts';
import { deriveParallelism } from './parallelism.ts';

/**
 * What is deployed, and where everything of it listens. It is resolved once; nginx's file, the workers, the dashboard
 * and the runtimes are made from it. It holds no secret. In containers it is a file: `/etc/loadline/stack.json`.
 */
export interface StackPlan {
  readonly schema: 1;
  readonly deployments: readonly PlannedDeployment[];
}

/** A deployment with its addresses. */
export interface PlannedDeployment {
  /** Names it everywhere: `hybrid-2x1-40`. */
  readonly id: string;
  readonly deployment: Deployment;
  /** As whom its workers connect to Postgres, where its connections are told by it from those of others. */
  readonly databaseRole: string;
  /** Where its processes listen: the name of its container, or 127.0.0.1. */
  readonly host: string;
  /** Where its clients find nginx in the stack: `nginx`, or 127.0.0.1. */
  readonly nginxHost: string;
  readonly nginxPort: number;
  /** The port by which browsers of this machine reach it. */
  readonly publishedPort: number;
  readonly processes: readonly ProcessPorts[];
}

/** Where one process listens. */
export interface ProcessPorts {
  /** A hidden deployment's processes listen to no orders: theirs stay free. */
  readonly controlPort: number;
  /** Of its first endpoint; the others of the process follow. Processes that share a port all have that one. */
  readonly workerPort: number;
}

/** The deployment at these addresses. */
export function planDeployment(
  deployment: Deployment,
  addresses: Omit<PlannedDeployment, 'id' | 'deployment' | 'databaseRole'>,
): PlannedDeployment {
  const id = deploymentName(deployment);
  return { id, deployment, databaseRole: roleOf(id), ...addresses };
}

/** Bytes of a name in Postgres. */
const LONGEST_ROLE = 63;

/** The id, or its beginning with a hash of the whole (32-bit FNV-1a) where Postgres would cut it off. */
function roleOf(id: string): string {
  if (id.length <= LONGEST_ROLE) return id;
  let hash = 0x811c_9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.charCodeAt(0), 0x0100_0193) >>> 0;
  const suffix = `-${hash.toString(16).padStart(8, '0')}`;
  return `${id.slice(0, LONGEST_ROLE - suffix.length)}${suffix}`;
}

/** A deployment of one process on this machine, by the ports of nginx and of its worker; it has no control thread. */
export function planOneProcess(deployment: Deployment, nginxPort: number, workerPort: number): PlannedDeployment {
  const loopback = { host: '127.0.0.1', nginxHost: '127.0.0.1', publishedPort: nginxPort };
  return planDeployment(deployment, { ...loopback, nginxPort, processes: [{ controlPort: 0, workerPort }] });
}

/** What nginx balances over: `host:port` of whatever of the deployment has a port of its own. */
export function listEndpoints(planned: PlannedDeployment): string[] {
  return [...new Set(listWorkerAddresses(planned))];
}

/** `host:port` of each worker; workers that share a port have the same. */
export function listWorkerAddresses({ deployment, host, processes }: PlannedDeployment): string[] {
  const { topology, spec } = deployment;
  return listWorkers(deployment).map(({ process, thread }) => {
    const first = processes[process - 1]?.workerPort;
    if (first === undefined) throw new RangeError(`process ${process} of ${topology} has no port`);
    return `${host}:${spec.listen === 'thread' ? first + thread - 1 : first}`;
  });
}

/** Base URLs of its control threads, one for each process; a hidden deployment has none. */
export function listControls({ deployment, host, processes }: PlannedDeployment): string[] {
  if (deployment.hidden) return [];
  return processes.map(({ controlPort }) => `http://${host}:${controlPort}`);
}

/** A program that a deployment is started as. */
interface Program {
  /** Unique in a stack: `hybrid-2x1-40-1`. */
  readonly name: string;
  readonly processes: readonly ProcessPorts[];
}

/** The programs of a deployment: one for each process, or one that starts all that share a port. */
export function listPrograms({ deployment, processes }: PlannedDeployment): Program[] {
  const each = deployment.spec.listen === 'replica' ? [processes] : processes.map(process => [process]);
  return each.map((group, index) => ({ name: `${deploymentName(deployment)}-${index + 1}`, processes: group }));
}

/** Where its load is sent. */
export function targetOf({ nginxHost, nginxPort }: PlannedDeployment): string {
  return `http://${nginxHost}:${nginxPort}`;
}

/** In containers: below the ports that a system gives to connections (32768 and above). */
const FIRST_CONTROL_PORT = 10_001;
const FIRST_WORKER_PORT = 20_001;
const WORKER_PORTS = 12_600;
const CONTROL_PORTS = 9000;

/**
 * Where the processes of a deployment listen in its container. `place` is one of `places`, from 0, and each has its own
 * ports: so an address that is out of date is refused, and never answered by another deployment. Throws a RangeError
 * where there is no such place, or where it has too few ports.
 */
export function portsAtPlace(deployment: Deployment, place: number, places: number): ProcessPorts[] {
  const { processes } = deployment;
  if (place < 0 || place >= places) {
    throw new RangeError(`${deploymentName(deployment)} has no ports: place ${place} is not one of 0 to ${places - 1}`);
  }
  const { endpoints } = deriveParallelism(deployment);
  const [controls, workers] = [Math.floor(CONTROL_PORTS / places), Math.floor(WORKER_PORTS / places)];
  if (processes > controls || endpoints > workers) {
    throw new RangeError(
      `${deploymentName(deployment)} needs more ports than there are: ${controls} processes and ${workers} endpoints at most`,
    );
  }
  const apart = Math.floor(endpoints / processes);
  return Array.from({ length: processes }, (_, index) => ({
    controlPort: FIRST_CONTROL_PORT + place * controls + index,
    workerPort: FIRST_WORKER_PORT + place * workers + index * apart,
  }));
}
