import { limitedCpus } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import type { LimitedResource, Measurement } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { containerIn, isContainerCpus } from './container-cpus.ts';
import type { ResourceLimits } from './resource-limits.ts';

/** More of what ran out, and what is expected of it. */
export interface Help {
  readonly resource: LimitedResource;
  /** How much of it there would be: CPUs (each with as many workers as now), workers, connections, processes of nginx, CPUs of a container. */
  readonly amount: number;
  /** The capacity that is expected of it. */
  readonly capacity: PerSecond;
  /** What gives out then, long before the larger resource does. */
  readonly cappedBy: LimitedResource | null;
}

/** Of its limit, what a resource that computes carries within an objective. */
const CARRIED: Fraction = 0.95;
/** Less than this is hardly a help. */
const LEAST_GAIN = 1.1;

/** How many times as much of each is looked at; an event loop more is a process, or another topology. */
const times: Readonly<Record<LimitedResource, number>> = {
  ...{ cpu: 2, workers: 3, 'database-connections': 2, nginx: 2 },
  ...{ 'workers-cpus': 2, 'nginx-cpus': 2, 'postgres-cpus': 2 },
};
const TIMES_LOOPS = 2;

/** What is known of a cell that stopped. */
export interface Stopped {
  readonly cell: Cell;
  readonly capacity: PerSecond;
  readonly cpus: number;
  readonly measurement: Measurement;
  readonly limits: ResourceLimits;
}

/**
 * What more of a resource would do, from what was measured: its own limit rises in proportion, those of the others stay
 * where they are.
 */
export function helpOf(resource: LimitedResource, stopped: Stopped): Help | undefined {
  const { cell, capacity, limits, cpus } = stopped;
  const own = limits[resource] ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(own)) return undefined;
  const amount = amountOf(resource, stopped);
  const loops = resource === 'workers' && !isConcurrencyLimited(cell.deployment.spec);
  const wanted = (loops ? TIMES_LOOPS : times[resource]) * amount;
  // What was carried was no more than it can do, whatever was measured of an overload.
  const limit = Math.max(capacity, own);
  const more = (of: number) => expectedOf(capacity, limit, of / amount);
  const ceiling = ceilingFor(resource, cell, limits);
  if (isContainerCpus(resource)) {
    // No container has more than the machine.
    const most = Math.max(amount, Math.min(wanted, cpus));
    if (more(most) <= ceiling.load) return { resource, amount: most, capacity: more(most), cappedBy: null };
    const reached = amount * (1 + Math.max(0, ceiling.load - capacity) / limit);
    const enough = Math.min(most, roundedUp(reached));
    return { resource, amount: enough, capacity: Math.max(capacity, ceiling.load), cappedBy: ceiling.resource };
  }
  if (more(wanted) <= ceiling.load) return { resource, amount: wanted, capacity: more(wanted), cappedBy: null };
  let enough = amount + 1;
  while (enough < wanted && more(enough) < ceiling.load) enough++;
  return { resource, amount: enough, capacity: Math.max(capacity, ceiling.load), cappedBy: ceiling.resource };
}

/** To two significant digits: a limit is given in hundredths of a CPU. */
function roundedUp(cpus: number): number {
  const step = 10 ** (Math.floor(Math.log10(cpus)) - 1);
  return Number((Math.ceil(cpus / step) * step).toPrecision(2));
}

/** Whether it is worth the trouble. */
export function isWorthwhile(help: Help, capacity: PerSecond): boolean {
  return help.capacity >= LEAST_GAIN * capacity;
}

/** What a generator on a machine of its own would leave room for: the CPU time that it took carries requests instead. */
export function withoutGenerator({ cell, capacity, measurement, limits }: Stopped): PerSecond {
  const { utilisation, cpuShare } = measurement;
  const room = utilisation.cpu / (utilisation.cpu - cpuShare.k6);
  return Math.min(capacity * room, ceilingFor('cpu', cell, limits).load);
}

/** How much there is now: CPUs, workers, connections, processes of nginx, CPUs of a container. */
export function amountOf(
  resource: LimitedResource,
  { cell, cpus, measurement }: Omit<Stopped, 'limits' | 'capacity'>,
): number {
  if (isContainerCpus(resource)) return limitedCpus(cell.deployment.containers?.[containerIn(resource)]) ?? cpus;
  switch (resource) {
    case 'cpu':
      return cpus;
    case 'workers':
      return deriveParallelism(cell.deployment).workers;
    case 'database-connections':
      return cell.deployment.databaseConnections;
    case 'nginx':
      // Its CPU time in CPUs ÷ the part of one process's time that each was busy.
      return Math.max(1, Math.round((measurement.cpuShare.nginx * cpus) / measurement.utilisation.nginx));
  }
}

/**
 * The capacity with `growth` times as many servers: of its limit, a pool of n carries 1 − a ÷ n, since the longest waits
 * are what they were when n (1 − ρ) is (heavy traffic: P(W > w) ≈ exp(−n (1 − ρ) w ÷ S), symbols as in `cause.ts`).
 */
function expectedOf(capacity: PerSecond, limit: PerSecond, growth: number): PerSecond {
  return growth * limit * (1 - (1 - capacity / limit) / growth);
}

/** Where the first of the other resources gives out. */
function ceilingFor(
  resource: LimitedResource,
  cell: Cell,
  limits: ResourceLimits,
): { resource: LimitedResource; load: PerSecond } {
  return Object.entries(limits)
    .map(([other, load]) => ({ resource: other as LimitedResource, load: CARRIED * load }))
    .filter(({ resource: other }) => other !== resource && !growsWith(resource, other, cell))
    .reduce((least, one) => (one.load < least.load ? one : least));
}

/** More CPUs come with more workers and more of nginx; a topology of one event loop stays with one. */
function growsWith(resource: LimitedResource, other: LimitedResource, { deployment }: Cell): boolean {
  if (resource !== 'cpu') return false;
  const { processes, threads } = deployment.spec.sizes;
  return other === 'nginx' || (other === 'workers' && (processes !== undefined || threads !== undefined));
}
