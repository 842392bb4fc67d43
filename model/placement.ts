import { type Deployment, workersOf } from './deployment.ts';

/** A deployment with the ports of its processes. */
export interface PlacedProcesses {
  readonly deployment: Deployment;
  readonly processes: readonly ProcessPorts[];
}

/** Where one process listens. */
export interface ProcessPorts {
  readonly controlPort: number;
  /** The first worker's; the others of the process follow. */
  readonly workerPort: number;
}

const FIRST_CONTROL_PORT = 10_001;
const FIRST_WORKER_PORT = 20_001;

/** Where a deployment listens in a container of its own: the same in every container, so that nobody needs to be told. */
export function placedInContainer(deployment: Deployment): PlacedProcesses {
  const processes = Array.from({ length: deployment.processes }, (_, index) => ({
    controlPort: FIRST_CONTROL_PORT + index,
    workerPort: FIRST_WORKER_PORT + index * deployment.threadsPerProcess,
  }));
  return { deployment, processes };
}

/** The ports of all workers, in the order of `workersOf`. */
export function workerPortsOf({ deployment, processes }: PlacedProcesses): number[] {
  return workersOf(deployment).map(({ process, thread }) => {
    const first = processes[process - 1]?.workerPort;
    if (first === undefined) throw new RangeError(`process ${process} of ${deployment.topology} has no place`);
    return first + thread - 1;
  });
}
