import { routes } from '../../model/contract/contract.ts';
import { type DeploymentId, type LiveLoad, type LiveWorkload, type Settings, settingLimits } from '../protocol.ts';
import { mostWithin, type SharedMachine, TIME_LIMIT, workOf } from '../work.ts';

/** Why these settings cannot be in force on this machine, and what can be; `undefined`: they can. */
export function settingsRefusal({ deployments, workload, load }: Settings, machine: SharedMachine): string | undefined {
  const within = (seconds: number) => mostWithin(seconds, workload, deployments, machine);
  return (
    stageRefusal(
      deployments,
      machine.deployments.map(({ id }) => id),
    ) ??
    workloadRefusal(workload) ??
    (load.model === 'open'
      ? arrivalsRefusal(load.arrivalRate, deployments.length, workload, within(1))
      : usersRefusal(load, workload, within(TIME_LIMIT)))
  );
}

/** Why so many requests, of which `workable` can be worked off, cannot be sent to each deployment at once; `undefined`: they can. */
export function burstRefusal(requests: number, workable = Number.POSITIVE_INFINITY): string | undefined {
  const most = Math.min(settingLimits.burst, Math.floor(workable + 1e-9));
  if (Number.isSafeInteger(requests) && requests >= 1 && requests <= most) return undefined;
  return `A burst of this workload has 1 to ${most} requests, not ${requests}.`;
}

function stageRefusal(asked: readonly DeploymentId[], present: readonly DeploymentId[]): string | undefined {
  const absent = asked.find(id => !present.includes(id));
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

function arrivalsRefusal(
  arrivalRate: number,
  deployments: number,
  workload: LiveWorkload,
  workable: number,
): string | undefined {
  const most = Math.min(settingLimits.arrivalRate, Math.floor(settingLimits.totalArrivalRate / deployments));
  if (!(arrivalRate >= 0 && arrivalRate <= most)) {
    const each = deployments === 1 ? 'One id' : `Each of ${deployments} deployments`;
    return `${each} can be sent 0 to ${most} requests a second, not ${arrivalRate}.`;
  }
  if (arrivalRate <= workable) return undefined;
  return `${tooMuch(workload)}: ask for ${workable} requests a second at most, or for less work.`;
}

/** Whoever gives up after the time limit sends the next request, and leaves the work of the last one behind. */
function usersRefusal(
  { users, thinkTime }: LiveLoad & { model: 'closed' },
  workload: LiveWorkload,
  workable: number,
): string | undefined {
  const most = Math.min(settingLimits.users, workable);
  if (!(Number.isSafeInteger(users) && users >= 1 && users <= settingLimits.users)) {
    return `At each topology there can be 1 to ${most} users, not ${users}.`;
  }
  if (!(thinkTime >= 0 && thinkTime <= settingLimits.thinkTime)) {
    return `Users think for 0 to ${settingLimits.thinkTime} s, not ${thinkTime}.`;
  }
  return users <= most ? undefined : `${tooMuch(workload)}: ask for ${most} users at most, or for less work.`;
}

function tooMuch(workload: LiveWorkload): string {
  return `At ${Number(workOf(workload).toPrecision(2))} s of work for each request the workers would not come to rest for minutes`;
}
