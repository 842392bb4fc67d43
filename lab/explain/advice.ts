import { limitedCpus } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import {
  type ContainerCpus,
  type LimitedResource,
  type Measurement,
  type Resource,
  resourceNames,
} from '../../model/measurement.ts';
import { deriveParallelism, hasConnectionPerSlot } from '../../model/parallelism.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { busyPerRequest, concave, containerSaturations, cpuPerRequest, sharedWithLoad } from '../search/saturation.ts';
import type { CellDemands } from './cause.ts';
import { containerIn, containerWords, isContainerCpus, shownCpus } from './sentence.ts';

/** More of the resource that was used up, and what that would do. */
export interface Help {
  readonly resource: LimitedResource;
  /** CPUs (each with as many workers as now), workers, connections, processes of nginx, CPUs of a container. */
  readonly amount: number;
  /** The expected capacity. */
  readonly capacity: PerSecond;
  /** What is used up then, long before the larger resource. */
  readonly cappedBy: LimitedResource | null;
}

/** Part of its limit that a resource that computes carries within an objective. */
const WITHIN_LIMIT: Fraction = 0.95;
/** Gain from which on more of a resource is worth it. */
const LEAST_GAIN = 1.1;

/** Times the present amount that is looked at; one more event loop is a process, or another topology. */
const times: Readonly<Record<LimitedResource, number>> = {
  ...{ cpu: 2, workers: 3, 'database-connections': 2, nginx: 2 },
  ...{ 'workers-cpus': 2, 'nginx-cpus': 2, 'postgres-cpus': 2 },
};
const TIMES_LOOPS = 2;

/** The load that would use up each resource if no other did; infinite if it is not needed, or not known. */
type ResourceLimits = Readonly<Record<Resource, PerSecond> & Partial<Record<LimitedResource, PerSecond>>>;

/**
 * By the utilisation law, X = U ÷ D. A wait takes the same time at every load, so that its limit is servers ÷ demand;
 * computing takes less as load grows (`concave`).
 */
export function computeResourceLimits(cell: Cell, measurement: Measurement, demands: CellDemands): ResourceLimits {
  const { throughput, utilisation, serviceDemand } = measurement;
  const { deployment } = cell;
  const limited = isConcurrencyLimited(deployment.spec);
  const cpu = cpuPerRequest(measurement);
  const limits = {
    cpu: concave(throughput, utilisation.cpu, cpu, sharedWithLoad.cpu),
    workers: limited
      ? deriveParallelism(deployment).slots / demands.worker
      : concave(throughput, loopUtilisation(cell, measurement), busyPerRequest(measurement), sharedWithLoad.workers),
    'database-connections': hasConnectionPerSlot(deployment)
      ? Number.POSITIVE_INFINITY
      : deployment.databaseConnections / demands.connection,
    nginx: concave(throughput, utilisation.nginx, serviceDemand.nginx, sharedWithLoad.nginx),
    ...Object.fromEntries(containerSaturations(measurement).map(({ resource, load }) => [resource, load])),
  };
  const known = Object.entries(limits).map(([resource, load]) => [
    resource,
    load > 0 ? load : Number.POSITIVE_INFINITY,
  ]);
  return Object.fromEntries(known) as ResourceLimits;
}

/** How busy the event loops are: by their CPU time if it is limited, since a loop that is held up looks busy. */
function loopUtilisation(cell: Cell, { utilisation }: Measurement): Fraction {
  const limit = limitedCpus(cell.deployment.containers?.workers);
  const used = utilisation['workers-cpus'];
  return limit === undefined || used === undefined
    ? (utilisation.workers ?? Number.NaN)
    : (used * limit) / deriveParallelism(cell.deployment).cpuCeiling;
}

/** A cell that reached its capacity. */
export interface Stopped {
  readonly cell: Cell;
  readonly capacity: PerSecond;
  readonly cpus: number;
  readonly measurement: Measurement;
  readonly limits: ResourceLimits;
}

/** Predicts what more of a resource would do: its own limit rises in proportion, the other limits stay. */
export function predictHelp(resource: LimitedResource, stopped: Stopped): Help | undefined {
  const { cell, capacity, limits, cpus } = stopped;
  const own = limits[resource] ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(own)) return undefined;
  const amount = presentAmount(resource, stopped);
  const loops = resource === 'workers' && !isConcurrencyLimited(cell.deployment.spec);
  const wanted = (loops ? TIMES_LOOPS : times[resource]) * amount;
  // The capacity is no more than the resource can do, whatever an overload showed.
  const limit = Math.max(capacity, own);
  const more = (of: number) => predictCapacity(capacity, limit, of / amount);
  const ceiling = ceilingFor(resource, cell, limits);
  // No container has more than the machine.
  const most = isContainerCpus(resource) ? Math.max(amount, Math.min(wanted, cpus)) : wanted;
  if (more(most) <= ceiling.load) return { resource, amount: most, capacity: more(most), cappedBy: null };
  let enough = amount + 1;
  if (isContainerCpus(resource)) {
    enough = Math.min(most, roundedUp(amount * (1 + Math.max(0, ceiling.load - capacity) / limit)));
  } else while (enough < wanted && more(enough) < ceiling.load) enough++;
  return { resource, amount: enough, capacity: Math.max(capacity, ceiling.load), cappedBy: ceiling.resource };
}

/** To two significant digits: a limit is given in hundredths of a CPU. */
function roundedUp(cpus: number): number {
  const step = 10 ** (Math.floor(Math.log10(cpus)) - 1);
  return Number((Math.ceil(cpus / step) * step).toPrecision(2));
}

/** Whether more of the resource is worth it. */
export function isWorthwhile(help: Help, capacity: PerSecond): boolean {
  return help.capacity >= LEAST_GAIN * capacity;
}

/** The capacity with k6 on a machine of its own: its CPU time carries requests instead. */
function withoutGenerator({ cell, capacity, measurement, limits }: Stopped): PerSecond {
  const { utilisation, cpuShare } = measurement;
  const room = utilisation.cpu / (utilisation.cpu - cpuShare.k6);
  return Math.min(capacity * room, ceilingFor('cpu', cell, limits).load);
}

/** The present amount: CPUs, workers, connections, processes of nginx, CPUs of a container. */
function presentAmount(
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
 * are what they were when n (1 − ρ) is (heavy traffic: P(W > w) ≈ exp(−n (1 − ρ) w ÷ S)).
 */
function predictCapacity(capacity: PerSecond, limit: PerSecond, growth: number): PerSecond {
  return growth * limit * (1 - (1 - capacity / limit) / growth);
}

/** The load at which the first of the other resources is used up. */
function ceilingFor(
  resource: LimitedResource,
  cell: Cell,
  limits: ResourceLimits,
): { resource: LimitedResource; load: PerSecond } {
  return Object.entries(limits)
    .map(([other, load]) => ({ resource: other as LimitedResource, load: WITHIN_LIMIT * load }))
    .filter(({ resource: other }) => other !== resource && !growsWith(resource, other, cell))
    .reduce((least, one) => (one.load < least.load ? one : least));
}

/** More CPUs come with more workers and more of nginx; a topology of one event loop stays with one. */
function growsWith(resource: LimitedResource, other: LimitedResource, { deployment }: Cell): boolean {
  if (resource !== 'cpu') return false;
  const { processes, threads } = deployment.spec.sizes;
  return other === 'nginx' || (other === 'workers' && (processes !== undefined || threads !== undefined));
}

/** Part of the CPUs from which on k6 is worth a machine of its own. */
const MUCH_OF_K6: Fraction = 0.1;
/** Times the capacity: too far from what was measured for a figure. */
const FAR = 3;

/** `four more workers would carry about 280/s, where the CPUs give out`. */
export function adviseMore(help: Help, stopped: Stopped): string {
  const { capacity, cappedBy } = help;
  if (!isWorthwhile(help, stopped.capacity)) {
    const next = cappedBy === null ? '' : `: ${giveOut(cappedBy)} next`;
    return `more ${moreNames(help.resource)} would carry little more${next}`;
  }
  const where = cappedBy === null ? '' : `, where ${giveOut(cappedBy)}`;
  return `${describeMore(help, stopped)} would carry about ${about(capacity)}/s${where}`;
}

/** Advice for a hidden deployment, without a figure. */
export function adviseHidden(resource: LimitedResource): string {
  if (resource === 'workers') return 'more processes, or more requests at once in each, would help';
  return `more ${moreNames(resource)} would help`;
}

/** Advice on a limit that held a container up without being used up. */
export function adviseLimit(resource: 'cpu' | ContainerCpus, stopped: Stopped): string {
  if (resource === 'cpu') return 'a higher limit would help';
  const { subject } = containerWords[containerIn(resource)];
  return `more than ${shownCpus(presentAmount(resource, stopped))} for ${subject} would help`;
}

/** What k6 on a machine of its own would do; `undefined` if that is little. */
export function adviseGenerator(stopped: Stopped): string | undefined {
  if (stopped.measurement.cpuShare.k6 < MUCH_OF_K6) return undefined;
  const load = withoutGenerator(stopped);
  const room = load > FAR * stopped.capacity ? 'many times as much' : `about ${about(load)}/s`;
  return `with k6 on a machine of its own there would be room for ${room}`;
}

function describeMore({ resource, amount }: Help, stopped: Stopped): string {
  const added = amount - presentAmount(resource, stopped);
  const { spec } = stopped.cell.deployment;
  if (isContainerCpus(resource)) return `${shownCpus(amount)} for ${containerWords[containerIn(resource)].subject}`;
  switch (resource) {
    case 'cpu':
      return 'twice as many CPUs, with as many workers on each,';
    case 'workers': {
      if (isConcurrencyLimited(spec)) return `${inWords(added)} more worker${added === 1 ? '' : 's'}`;
      if (spec.sizes.processes === undefined) return `${inWords(amount)} event loops, each in a process of its own,`;
      return `${inWords(added)} more event loop${added === 1 ? '' : 's'}`;
    }
    case 'database-connections':
      return `${amount} of them`;
    case 'nginx':
      return `${inWords(added)} more process${added === 1 ? '' : 'es'} of nginx`;
  }
}

function moreNames(resource: LimitedResource): string {
  if (isContainerCpus(resource)) return `CPUs for ${containerWords[containerIn(resource)].subject}`;
  return resource === 'nginx' ? 'processes of nginx' : resourceNames[resource].name;
}

function giveOut(resource: LimitedResource): string {
  const { phrase } = resourceNames[resource];
  if (isContainerCpus(resource)) return `${phrase} is reached`;
  return `${phrase} ${resource === 'nginx' ? 'gives' : 'give'} out`;
}

const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** `four`; from 13 on `13`. */
function inWords(number: number): string {
  return words[number - 1] ?? `${number}`;
}

/** Two significant digits: a prediction is no more exact. */
function about(load: PerSecond): string {
  return load.toLocaleString('en-US', { maximumSignificantDigits: 2 });
}
