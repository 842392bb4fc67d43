import { type LimitedContainer, limitedCpus } from '../../model/deployment.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import {
  type Component,
  type ContainerCpus,
  components,
  containerCpus,
  type LimitedResource,
  type Measurement,
  type Resource,
  resourceNames,
  resources,
} from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { type Fraction, milliseconds, percent, quantileName, rounded, shownNumber } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LoadPoint } from '../search/load-curve.ts';
import { busyPerRequest, computeOthersShare, holdPerRequest } from '../search/saturation.ts';
import type { Miss } from '../search/verdict.ts';
import type { Cause } from './cause.ts';

/** Part of the CPUs below which a share is not shown. */
const LEAST_SHARE: Fraction = 0.02;

/** Says why a load was not carried: `because both workers are busy 98 % of the time …`. */
export function describeCause(cause: Cause, cell: Cell, point: LoadPoint, experiment: Experiment): string {
  const { measurement } = point;
  const { objective } = experiment;
  const cpus = describeCpus(measurement, experiment);
  const noun = isConcurrencyLimited(cell.deployment.spec) ? 'worker' : 'event loop';
  switch (cause.kind) {
    case 'used-up':
      return `because ${describeUsedUp(cause.resource, cell, measurement, cpus)}`;
    case 'throttled': {
      const time = `up ${percent(measurement.throttled ?? 0)} of the time, while ${cpus}`;
      if (!isContainerCpus(cause.resource)) return `because a CPU limit held its containers ${time}`;
      const container = containerIn(cause.resource);
      return `because ${describeLimit(container, cell)} held ${containerWords[container].subject} ${time}`;
    }
    case 'queue': {
      const busy = percent(measurement.utilisation[cause.resource] ?? 0);
      const queued = `requests that take ${milliseconds(cause.serviceTime)} ms each queue for ${describeServers(cause.resource, cell)}`;
      const goal = `a ${quantileName(objective.quantile)} of ${milliseconds(objective.responseTime)} ms`;
      return `because ${queued} (${busy} busy), and ${goal} leaves no time for more of that`;
    }
    case 'work':
      return `because a request takes ${milliseconds(cause.responseTime)} ms even without a queue (${listUtilisation(measurement)})`;
    case 'held-up': {
      const behind = `those that keep ${noun === 'worker' ? 'a' : 'an'} ${noun} for ${milliseconds(cause.serviceTime)} ms`;
      return `because requests wait behind ${behind}, although nothing is used up (${listUtilisation(measurement)})`;
    }
    case 'concurrency': {
      const atOnce = rounded(cause.atOnce);
      const served = `about ${atOnce} ${atOnce === '1' ? 'request' : 'requests'} at a time`;
      return `because it serves ${served}, ${milliseconds(cause.responseTime)} ms each at light load, while ${cpus}`;
    }
    case 'unexplained': {
      const missed = `${describeMiss(point.verdict.misses[0], objective.quantile)} at ${shownNumber(point.arrivalRate)}/s`;
      return `although nothing is used up (${listUtilisation(measurement)}): ${missed}`;
    }
    case 'generator':
      return `because k6 reaches its limit first: ${cpus} (${listShares(measurement)})`;
    case 'limit-not-found':
      return `with ${listUtilisation(measurement)}`;
  }
}

function describeUsedUp(resource: LimitedResource, cell: Cell, measurement: Measurement, cpus: string): string {
  const { deployment } = cell;
  const { utilisation, steal } = measurement;
  if (isContainerCpus(resource)) {
    const container = containerIn(resource);
    const { subject, verb } = containerWords[container];
    return `${subject} ${verb} ${percent(utilisation[resource] ?? 0)} of ${describeLimit(container, cell)}, while ${cpus}`;
  }
  const { workers } = deriveParallelism(deployment);
  const used = percent(utilisation[resource] ?? Number.NaN);
  switch (resource) {
    case 'cpu': {
      const stolen = steal >= LEAST_SHARE ? `, and a hypervisor took away ${percent(steal)}` : '';
      return `${cpus}: ${listShares(measurement)}${stolen}`;
    }
    case 'workers': {
      const subject = countAll(workers, isConcurrencyLimited(deployment.spec) ? 'worker' : 'event loop');
      return `${subject} busy ${used} of the time, ${milliseconds(busyPerRequest(measurement))} ms with each request, while ${cpus}`;
    }
    case 'database-connections': {
      const each = `${milliseconds(holdPerRequest(measurement))} ms by each request`;
      const subject = workers === 1 ? 'the event loop is' : 'the event loops are';
      const loops = utilisation.workers === undefined ? '' : `${subject} ${percent(utilisation.workers)} busy and `;
      const connections = countAll(deployment.databaseConnections, 'database connection');
      return `${connections} in use ${used} of the time, ${each}, while ${loops}${cpus}`;
    }
    case 'nginx':
      return `nginx's processes are busy ${used} of the time while ${cpus}`;
  }
}

/** The servers that requests queue for: `one of 2 workers`. */
function describeServers(resource: Resource, { deployment }: Cell): string {
  if (resource === 'cpu') return 'a CPU';
  if (resource === 'nginx') return 'nginx';
  if (resource === 'database-connections') return `one of ${deployment.databaseConnections} database connections`;
  const noun = isConcurrencyLimited(deployment.spec) ? 'worker' : 'event loop';
  const { workers } = deriveParallelism(deployment);
  return workers === 1 ? `the one ${noun}` : `one of ${workers} ${noun}s`;
}

/** How busy each resource is: `CPUs 60 % busy, workers 40 %, database connections 20 %, nginx 5 %`. */
function listUtilisation({ utilisation }: Measurement): string {
  return [...resources, ...containerCpus]
    .flatMap(resource => {
      const used = utilisation[resource] ?? 0;
      return used > 0 ? [`${resourceNames[resource].name} ${busyPercent(used)}`] : [];
    })
    .map((text, index) => (index === 0 ? `${text} busy` : text))
    .join(', ');
}

/** The words for a container: `the workers use 99 % of their limit`. */
export const containerWords = {
  workers: { subject: 'the workers', verb: 'use', own: 'their' },
  nginx: { subject: 'nginx', verb: 'uses', own: 'its' },
  postgres: { subject: 'Postgres', verb: 'uses', own: 'its' },
} as const satisfies Record<LimitedContainer, object>;

/** Whether a resource is the limited CPU time of a container. */
export function isContainerCpus(resource: LimitedResource): resource is ContainerCpus {
  return resource.endsWith('-cpus');
}

/** The container whose CPU time the resource is. */
export function containerIn(resource: ContainerCpus): LimitedContainer {
  return resource.slice(0, -'-cpus'.length) as LimitedContainer;
}

/** `0.6 CPUs`, `1 CPU`. */
export function shownCpus(cpus: number): string {
  return `${rounded(cpus)} ${cpus === 1 ? 'CPU' : 'CPUs'}`;
}

/** `their limit of 0.6 CPUs`, or `their CPU set (0-1)` if that is less. */
function describeLimit(container: LimitedContainer, { deployment }: Cell): string {
  const { own } = containerWords[container];
  const limits = deployment.containers?.[container] ?? {};
  const least = limitedCpus(limits) ?? 0;
  return limits.cpus === least ? `${own} limit of ${shownCpus(least)}` : `${own} CPU set (${limits.cpuset})`;
}

function describeCpus({ utilisation }: Measurement, { cpus }: Experiment): string {
  return `${cpus === 1 ? 'the CPU is' : `the ${cpus} CPUs are`} ${percent(utilisation.cpu)} busy`;
}

const componentNames: Readonly<Record<Component, string>> = {
  nginx: 'nginx',
  workers: 'workers',
  postgres: 'Postgres',
  k6: 'k6',
};

/** What uses the CPUs, the largest share first; k6 and other programs are named too. */
function listShares(measurement: Measurement): string {
  const { cpuShare } = measurement;
  const list = components
    .toSorted((a, b) => cpuShare[b] - cpuShare[a])
    .map(component => `${componentNames[component]} ${busyPercent(cpuShare[component])}`);
  const others = computeOthersShare(measurement);
  if (others >= LEAST_SHARE) list.push(`everything else ${percent(others)}`);
  return list.join(', ');
}

function busyPercent(fraction: Fraction): string {
  return fraction > 0 && fraction < 0.01 ? 'under 1 %' : percent(fraction);
}

/** `the one worker is`, `both workers are`, `all 8 workers are`. */
function countAll(number: number, noun: string): string {
  if (number === 1) return `the one ${noun} is`;
  return number === 2 ? `both ${noun}s are` : `all ${number} ${noun}s are`;
}

function describeMiss(miss: Miss | undefined, quantile: Fraction): string {
  switch (miss?.kind) {
    case undefined:
      return 'throughput stops rising';
    case 'nothing-scored':
      return 'no request was scored';
    case 'response-time':
      return `the ${quantileName(quantile)} response time was ${milliseconds(miss.atQuantile)} ms`;
    case 'errors':
      return `${percent(miss.fraction)} of the requests failed`;
    case 'throughput':
      return `only ${percent(miss.ofOfferedLoad)} of the offered load was completed`;
    case 'growth':
      return `requests in progress grew by ${rounded(miss.perSecond)} a second`;
    case 'stopped-early':
      return 'the objective was missed';
  }
}
