import { type RequestParameters, type RouteName, routes } from '../../model/contract/contract.ts';
import { type LiveLoad, type LiveWorkload, type Settings, settingLimits } from '../protocol.ts';
import { highestArrivalRate, type LoadTarget, mostUsers, type SharedMachine } from '../work.ts';

/** Arrivals per second at each deployment below which there is hardly anything to see. */
export const LOWEST_ARRIVAL_RATE = 5;

/** What a route is asked for until somebody says otherwise; about 5 ms of computing where it computes alone. */
export const usualParameters: Readonly<Record<RouteName, RequestParameters>> = {
  plain: {},
  wait: { ms: 20 },
  cpu: { units: 100 },
  item: { id: 42 },
  items: { limit: 20 },
  orders: {},
  work: { units: 40, ms: 10, reads: 2 },
};

/** The settings with everything within its limits: what lies outside becomes what is nearest to it. */
export function allowedSettings(settings: Settings, machine: SharedMachine): Settings {
  const staged = machine.deployments.map(({ id }) => id);
  const deployments = staged.filter(id => settings.deployments.includes(id));
  // A stage with nothing on it shows nothing.
  const shown = deployments.length > 0 ? deployments : staged.slice(0, 1);
  const workload = allowedWorkload(settings.workload);
  return {
    deployments: shown,
    workload,
    load: allowedLoad(settings.load, { deployments: shown, workload }, machine),
    running: settings.running,
  };
}

function allowedWorkload({ route, parameters }: LiveWorkload): LiveWorkload {
  const known = routes[route].parameters.map(({ name, minimum, maximum }) => {
    const value = parameters[name] ?? usualParameters[route][name] ?? minimum;
    return [name, Math.round(within(minimum, value, maximum))] as const;
  });
  return { route, parameters: Object.fromEntries(known) };
}

function allowedLoad(load: LiveLoad, asked: LoadTarget, machine: SharedMachine): LiveLoad {
  if (load.model === 'open') {
    const highest = highestArrivalRate(asked, machine);
    return { model: 'open', arrivalRate: Math.round(within(LOWEST_ARRIVAL_RATE, load.arrivalRate, highest)) };
  }
  const { users, thinkTime } = load;
  return {
    model: 'closed',
    users: Math.round(within(1, users, mostUsers(asked, machine))),
    thinkTime: Math.round(within(0, thinkTime, settingLimits.thinkTime) * 10) / 10,
  };
}

/** The number within its limits; of something that is no number the lower one. */
export function within(lowest: number, value: number, highest: number): number {
  return Number.isNaN(value) ? lowest : Math.min(Math.max(value, lowest), highest);
}
