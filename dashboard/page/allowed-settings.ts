import { type RequestParameters, type RouteName, routes } from '../../services/contract.ts';
import { type TopologyName, topologyNames } from '../../services/topologies.ts';
import { type LiveLoad, type LiveWorkload, limits, type Settings } from '../protocol.ts';

/** Arrivals per second at each topology below which there is hardly anything to see. */
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

/** The highest arrival rate at each of so many topologies with this workload, per second. */
export function highestArrivalRate(topologies: number, workload: LiveWorkload): number {
  const share = Math.floor(limits.totalArrivalRate / Math.max(topologies, 1));
  return Math.min(limits.arrivalRate, share, mostWithin(limits.work, workload));
}

/** The most users at each topology with this workload. */
export function mostUsers(workload: LiveWorkload): number {
  return Math.min(limits.users, mostWithin(limits.work * TIME_LIMIT, workload));
}

/** The most requests of one burst with this workload, at each topology. */
export function largestBurst(workload: LiveWorkload): number {
  return Math.min(limits.burst, mostWithin(limits.work * TIME_LIMIT, workload));
}

/** Seconds after which k6 no longer waits for an answer. */
const TIME_LIMIT = 10;
/** Seconds that a unit of computing, and a read of one row, take, about; a test holds them against the server's. */
const UNIT = 50e-6;
const READ = 0.5e-3;

/** How many requests of the workload ask for no more than so many seconds of work. */
function mostWithin(seconds: number, { parameters: { units = 0, ms = 0, reads = 0 } }: LiveWorkload): number {
  return Math.floor(seconds / (units * UNIT + ms / 1000 + reads * READ) + 1e-9);
}

/** The settings with everything within its limits: what lies outside becomes what is nearest to it. */
export function allowedSettings(settings: Settings, staged: readonly TopologyName[]): Settings {
  const topologies = topologyNames.filter(name => settings.topologies.includes(name) && staged.includes(name));
  // A stage with nothing on it shows nothing.
  const shown = topologies.length > 0 ? topologies : staged.slice(0, 1);
  const workload = allowedWorkload(settings.workload);
  return {
    topologies: shown,
    workload,
    load: allowedLoad(settings.load, shown.length, workload),
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

function allowedLoad(load: LiveLoad, topologies: number, workload: LiveWorkload): LiveLoad {
  if (load.model === 'open') {
    const highest = highestArrivalRate(topologies, workload);
    return { model: 'open', arrivalRate: Math.round(within(LOWEST_ARRIVAL_RATE, load.arrivalRate, highest)) };
  }
  const { users, thinkTime } = load;
  return {
    model: 'closed',
    users: Math.round(within(1, users, mostUsers(workload))),
    thinkTime: Math.round(within(0, thinkTime, limits.thinkTime) * 10) / 10,
  };
}

/** The number within its limits; of something that is no number the lower one. */
export function within(lowest: number, value: number, highest: number): number {
  return Number.isNaN(value) ? lowest : Math.min(Math.max(value, lowest), highest);
}
