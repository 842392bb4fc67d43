import { routes } from '../../services/contract.ts';
import type { TopologyName } from '../../services/topologies.ts';
import { type LiveLoad, type LiveWorkload, limits, type Settings } from '../protocol.ts';

/** Seconds after which k6 no longer waits for an answer: long enough for a queue to be seen. */
export const TIME_LIMIT = 10;
/** Seconds that a unit of CPU work takes, about. */
export const CPU_UNIT = 50e-6;
/** Seconds of a read of one row, about. */
const READ = 0.5e-3;

/** Why these settings cannot be in force on a stack with these topologies, and what can be; `undefined`: they can. */
export function settingsRefusal(
  { topologies, workload, load }: Settings,
  present: readonly TopologyName[],
): string | undefined {
  return (
    topologiesRefusal(topologies, present) ??
    workloadRefusal(workload) ??
    (load.model === 'open'
      ? arrivalsRefusal(load.arrivalRate, topologies.length, workload)
      : usersRefusal(load, workload))
  );
}

/** Why so many requests cannot be sent to each topology at once, and how many can; `undefined`: they can. */
export function burstRefusal(requests: number, workload?: LiveWorkload): string | undefined {
  const workable = workload === undefined ? limits.burst : mostWithin(limits.work * TIME_LIMIT, workload);
  const most = Math.min(limits.burst, workable);
  if (Number.isSafeInteger(requests) && requests >= 1 && requests <= most) return undefined;
  return `A burst of this workload has 1 to ${most} requests, not ${requests}.`;
}

/** Seconds that one request computes and waits for the database, if nothing holds it up and as far as it is asked to. */
export function workOf({ parameters: { units = 0, ms = 0, reads = 0 } }: LiveWorkload): number {
  return units * CPU_UNIT + ms / 1000 + reads * READ;
}

function topologiesRefusal(asked: readonly TopologyName[], present: readonly TopologyName[]): string | undefined {
  const absent = asked.find(topology => !present.includes(topology));
  if (absent === undefined && asked.length > 0) return undefined;
  const there = `there are ${present.join(', ')}.`;
  return absent === undefined ? `The stage cannot be empty: ${there}` : `${absent} is not in this stack: ${there}`;
}

function workloadRefusal({ route, parameters }: LiveWorkload): string | undefined {
  const rules = routes[route].parameters;
  const unknown = Object.keys(parameters).find(name => !rules.some(rule => rule.name === name));
  if (unknown !== undefined) {
    const known = rules.map(({ name }) => name).join(', ') || 'none';
    return `${route} has no parameter ${unknown}: it has ${known}.`;
  }
  for (const { name, minimum, maximum, default: usual } of rules) {
    const value = parameters[name] ?? usual;
    if (value === undefined || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      return `${name} of ${route} is a whole number from ${minimum} to ${maximum}, not ${value ?? 'missing'}.`;
    }
  }
  return undefined;
}

function arrivalsRefusal(arrivalRate: number, topologies: number, workload: LiveWorkload): string | undefined {
  const most = Math.min(limits.arrivalRate, Math.floor(limits.totalArrivalRate / topologies));
  if (!(arrivalRate >= 0 && arrivalRate <= most)) {
    const each = topologies === 1 ? 'One topology' : `Each of ${topologies} topologies`;
    return `${each} can be sent 0 to ${most} requests a second, not ${arrivalRate}.`;
  }
  const workable = mostWithin(limits.work, workload);
  if (arrivalRate <= workable) return undefined;
  return `${tooMuch(workload)}: ask for ${workable} requests a second at most, or for less work.`;
}

/** Whoever gives up after the time limit sends the next request, and leaves the work of the last one behind. */
function usersRefusal(
  { users, thinkTime }: LiveLoad & { model: 'closed' },
  workload: LiveWorkload,
): string | undefined {
  const most = Math.min(limits.users, mostWithin(limits.work * TIME_LIMIT, workload));
  if (!(Number.isSafeInteger(users) && users >= 1 && users <= limits.users)) {
    return `At each topology there can be 1 to ${most} users, not ${users}.`;
  }
  if (!(thinkTime >= 0 && thinkTime <= limits.thinkTime)) {
    return `Users think for 0 to ${limits.thinkTime} s, not ${thinkTime}.`;
  }
  return users <= most ? undefined : `${tooMuch(workload)}: ask for ${most} users at most, or for less work.`;
}

function tooMuch(workload: LiveWorkload): string {
  return `At ${Number(workOf(workload).toPrecision(2))} s of work for each request the workers would not come to rest for minutes`;
}

/** How many requests of the workload ask for no more than so many seconds of work. */
function mostWithin(seconds: number, workload: LiveWorkload): number {
  // Not 20 s / 0.02 s = 999.999….
  return Math.floor(seconds / workOf(workload) + 1e-9);
}
