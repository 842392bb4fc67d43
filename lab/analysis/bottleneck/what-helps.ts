import { topologyOf } from '../../../services/topologies.ts';
import { workerCount } from '../../experiment/cell.ts';
import type { Cell } from '../../experiment/experiment.ts';
import { type Measurement, type Resource, resources } from '../../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../../experiment/units.ts';
import type { Limits } from './limits.ts';

/** More of what ran out, and what is expected of it. */
export interface Help {
  readonly resource: Resource;
  /** How much of it there would be: CPUs (each with as many workers as now), workers, connections, processes of nginx. */
  readonly amount: number;
  /** The capacity that is expected of it. */
  readonly capacity: PerSecond;
  /** What gives out then, long before the larger resource does. */
  readonly cappedBy: Resource | null;
}

/** Of its limit, what a resource that computes carries within an objective. */
const CARRIED: Fraction = 0.95;
/** Less than this is hardly a help. */
const LEAST_GAIN = 1.1;

/** How many times as much of each is looked at; an event loop more is a process, or another topology. */
const times: Readonly<Record<Resource, number>> = { cpu: 2, workers: 3, 'database-connections': 2, nginx: 2 };
const TIMES_LOOPS = 2;

/** What is known of a cell that stopped. */
export interface Stopped {
  readonly cell: Cell;
  readonly capacity: PerSecond;
  readonly cpus: number;
  readonly measurement: Measurement;
  readonly limits: Limits;
}

/**
 * What more of a resource would do, from what was measured: its own limit rises in proportion, those of the others stay
 * where they are.
 */
export function helpOf(resource: Resource, stopped: Stopped): Help | undefined {
  const { cell, capacity, limits } = stopped;
  if (!Number.isFinite(limits[resource])) return undefined;
  const amount = amountOf(resource, stopped);
  const loops = resource === 'workers' && !topologyOf(cell.deployment.topology).blocking;
  const wanted = (loops ? TIMES_LOOPS : times[resource]) * amount;
  // What was carried was no more than it can do, whatever was measured of an overload.
  const limit = Math.max(capacity, limits[resource]);
  const more = (of: number) => expectedOf(capacity, limit, of / amount);
  const ceiling = ceilingFor(resource, cell, limits);
  if (more(wanted) <= ceiling.load) return { resource, amount: wanted, capacity: more(wanted), cappedBy: null };
  let enough = amount + 1;
  while (enough < wanted && more(enough) < ceiling.load) enough++;
  return { resource, amount: enough, capacity: Math.max(capacity, ceiling.load), cappedBy: ceiling.resource };
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

/** How much there is now: CPUs, workers, connections, processes of nginx. */
export function amountOf(
  resource: Resource,
  { cell, cpus, measurement }: Omit<Stopped, 'limits' | 'capacity'>,
): number {
  switch (resource) {
    case 'cpu':
      return cpus;
    case 'workers':
      return workerCount(cell);
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
function ceilingFor(resource: Resource, cell: Cell, limits: Limits): { resource: Resource; load: PerSecond } {
  return resources
    .filter(other => other !== resource && !growsWith(resource, other, cell))
    .map(other => ({ resource: other, load: CARRIED * limits[other] }))
    .reduce((least, one) => (one.load < least.load ? one : least));
}

/** More CPUs come with more workers and more of nginx; a topology of one event loop stays with one. */
function growsWith(resource: Resource, other: Resource, { deployment }: Cell): boolean {
  if (resource !== 'cpu') return false;
  const { processes, threads } = topologyOf(deployment.topology);
  return other === 'nginx' || (other === 'workers' && (processes !== 'one' || threads !== 'one'));
}
