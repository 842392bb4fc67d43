/** How much work requests need, and how much load that allows. Pure: the page and the server import it. */
import { routes } from '../model/contract/contract.ts';
import { workOfRequest } from '../model/contract/work.ts';
import { deriveParallelism } from '../model/parallelism.ts';
import {
  type DeploymentId,
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
export type LoadTarget = Pick<Settings, 'deployments' | 'workload'>;

/** Seconds that one request computes and waits for the database, as far as it was asked to. */
export function workOf(workload: LiveWorkload): number {
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
  const work = workOf(workload);
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

/** Says why these settings are not allowed on this machine; `undefined`: they are. */
export function settingsRefusal(settings: Settings, machine: SharedMachine): string | undefined {
  const { deployments, workload, load } = settings;
  const present = machine.deployments.map(({ id }) => id);
  const absent = deployments.find(id => !present.includes(id));
  if (absent !== undefined) return `${absent} is not in this stack. It has ${present.join(', ')}.`;
  if (deployments.length === 0) return `Choose at least one deployment of ${present.join(', ')}.`;
  return (
    workloadRefusal(workload) ??
    (load.model === 'open'
      ? rangeRefusal('The arrival rate', load.arrivalRate, 0, highestArrivalRate(settings, machine), false)
      : (rangeRefusal('The number of users', load.users, 1, mostUsers(settings, machine)) ??
        rangeRefusal('The think time', load.thinkTime, 0, settingLimits.thinkTime, false)))
  );
}

function workloadRefusal({ route, parameters }: LiveWorkload): string | undefined {
  const rules = routes[route].parameters;
  const unknown = Object.keys(parameters).find(name => !rules.some(rule => rule.name === name));
  if (unknown !== undefined) return `${route} has no parameter ${unknown}.`;
  for (const { name, minimum, maximum, default: usual } of rules) {
    const refusal = rangeRefusal(`${name} of ${route}`, parameters[name] ?? usual ?? Number.NaN, minimum, maximum);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Says that a number is not within its limits; `undefined`: it is. */
export function rangeRefusal(
  name: string,
  value: number,
  lowest: number,
  highest: number,
  isWhole = true,
): string | undefined {
  if (value >= lowest && value <= highest && (!isWhole || Number.isSafeInteger(value))) return undefined;
  return `${name} is ${value}, not ${isWhole ? 'a whole number ' : ''}from ${lowest} to ${highest}.`;
}

/** Rounds down, but 20 s / 0.02 s = 999.999… up. */
function whole(requests: number): number {
  return Math.floor(requests + 1e-9);
}
