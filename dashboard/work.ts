/** How much work requests need, and how much load that allows. Pure: the page and the server import it. */
import { type RequestParameters, type RouteName, routes } from '../model/contract/contract.ts';
import { workOfRequest } from '../model/contract/work.ts';
import { deriveParallelism } from '../model/parallelism.ts';
import {
  type DeploymentId,
  type LiveLoad,
  type LiveWorkload,
  type Settings,
  type StagedDeployment,
  settingLimits,
} from './protocol.ts';

/** Seconds after which k6 gives up on an answer: long enough to show a queue. */
export const TIME_LIMIT = 10;
/** Seconds of a read of one row, about. */
const READ = 0.5e-3;
/** A deployment gets at most so many times the work that its CPUs can compute, and that its slots can serve. */
const MOST_COMPUTING = 2;
const MOST_BLOCKED = 3;

/** The deployments of a stack, and the CPUs that they share. */
export interface SharedMachine {
  readonly deployments: readonly Pick<StagedDeployment, 'id' | 'deployment'>[];
  readonly cpus: number;
}

/** The deployments that get a load, and its requests. */
type LoadTarget = Pick<Settings, 'deployments' | 'workload'>;

/** Seconds that one request computes and waits for the database, as far as it was asked to. */
function sumWork(workload: LiveWorkload): number {
  const { computing, waiting } = workOfRequest(workload);
  // Without the reads of `item` and `orders`: they are too short to limit a load.
  return computing + waiting + (workload.parameters.reads ?? 0) * READ;
}

/**
 * Requests of the workload that each of these deployments may get within so many seconds, not rounded; the slowest
 * deployment decides. Workers also work off the requests that k6 has given up.
 */
export function workableIn(
  seconds: number,
  workload: LiveWorkload,
  ids: readonly DeploymentId[],
  { deployments, cpus }: SharedMachine,
): number {
  const { computing } = workOfRequest(workload);
  const work = sumWork(workload);
  const most = deployments
    .filter(({ id }) => ids.includes(id))
    .flatMap(({ deployment }) => {
      const { slots, cpuCeiling } = deriveParallelism(deployment);
      const busy = Math.min(settingLimits.work, MOST_BLOCKED * slots);
      return [
        computing > 0 ? (seconds * MOST_COMPUTING * Math.min(cpuCeiling, cpus)) / computing : Number.POSITIVE_INFINITY,
        work > 0 ? (seconds * busy) / work : Number.POSITIVE_INFINITY,
      ];
    });
  return Math.min(...most);
}

/** The highest arrival rate at each deployment, per second. */
export function highestArrivalRate({ deployments, workload }: LoadTarget, machine: SharedMachine): number {
  const share = Math.floor(settingLimits.totalArrivalRate / Math.max(deployments.length, 1));
  return Math.min(settingLimits.arrivalRate, share, whole(workableIn(1, workload, deployments, machine)));
}

/** The most users at each deployment. */
export function mostUsers({ deployments, workload }: LoadTarget, machine: SharedMachine): number {
  return Math.min(settingLimits.users, whole(workableIn(TIME_LIMIT, workload, deployments, machine)));
}

/** The most requests of one burst at each deployment. */
export function largestBurst({ deployments, workload }: LoadTarget, machine: SharedMachine): number {
  return Math.min(settingLimits.burst, whole(workableIn(TIME_LIMIT, workload, deployments, machine)));
}

/** Parameters of each route until the user chooses others; about 5 ms of computing where it only computes. */
export const usualParameters: Readonly<Record<RouteName, RequestParameters>> = {
  plain: {},
  wait: { ms: 20 },
  cpu: { units: 100 },
  item: { id: 42 },
  items: { limit: 20 },
  orders: {},
  work: { units: 40, ms: 10, reads: 2 },
};

/** Moves settings within their limits on this machine. */
export function limitSettings(
  { deployments: ids, workload, load, running }: Settings,
  machine: SharedMachine,
): Settings {
  const staged = machine.deployments.map(({ id }) => id);
  const chosen = staged.filter(id => ids.includes(id));
  const { route } = workload;
  const parameters = routes[route].parameters.map(({ name, minimum, maximum }) => {
    const value = workload.parameters[name] ?? usualParameters[route][name] ?? minimum;
    return [name, Math.round(within(minimum, value, maximum))] as const;
  });
  const target: LoadTarget = {
    // An empty stage shows nothing.
    deployments: chosen.length > 0 ? chosen : staged.slice(0, 1),
    workload: { route, parameters: Object.fromEntries(parameters) },
  };
  return { ...target, load: limitLoad(load, target, machine), running };
}

function limitLoad(load: LiveLoad, target: LoadTarget, machine: SharedMachine): LiveLoad {
  if (load.model === 'open') {
    return { model: 'open', arrivalRate: within(0, load.arrivalRate, highestArrivalRate(target, machine)) };
  }
  return {
    model: 'closed',
    users: Math.round(within(1, load.users, mostUsers(target, machine))),
    thinkTime: within(0, load.thinkTime, settingLimits.thinkTime),
  };
}

/** The number within its limits; the lower one of what is not a number. */
export function within(lowest: number, value: number, highest: number): number {
  return Number.isNaN(value) ? lowest : Math.min(Math.max(value, lowest), highest);
}

/** Rounds down, but 20 s / 0.02 s = 999.999… up. */
function whole(requests: number): number {
  return Math.floor(requests + 1e-9);
}
