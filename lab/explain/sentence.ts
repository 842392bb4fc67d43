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
import { type Fraction, milliseconds, percent, quantileName, rounded } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LoadPoint } from '../search/load-curve.ts';
import { busyPerRequest, holdPerRequest, othersShareOf } from '../search/saturation.ts';
import type { Miss } from '../search/verdict.ts';
import type { Cause } from './cause.ts';

/** Part of the CPUs below which a share is not shown. */
const LEAST_SHARE: Fraction = 0.02;

/** Says why a load was not carried: `because both workers are busy 98 % of the time …`. */
export function describeCause(cause: Cause, cell: Cell, point: LoadPoint, experiment: Experiment): string {
  const { measurement } = point;
  const { objective } = experiment;
  switch (cause.kind) {
    case 'used-up':
      return `because ${
        isContainerCpus(cause.resource)
          ? limitUsed(cause.resource, cell, measurement, experiment)
          : usedUp[cause.resource](cell, measurement, experiment)
      }`;
    case 'throttled': {
      const time = `up ${percent(measurement.throttled ?? 0)} of the time, while ${busyCpus(measurement, experiment)}`;
      if (!isContainerCpus(cause.resource)) return `because a CPU limit held its containers ${time}`;
      const container = containerIn(cause.resource);
      return `because ${limitOf(container, cell)} held ${containerWords[container].subject} ${time}`;
    }
    case 'queue': {
      const busy = percent(measurement.utilisation[cause.resource] ?? 0);
      const time = `${milliseconds(cause.serviceTime)} ms`;
      const goal = `a ${quantileName(objective.quantile)} of ${milliseconds(objective.responseTime)} ms`;
      return `because requests that take ${time} each queue for ${queuedFor[cause.resource](cell)} (${busy} busy), and ${goal} leaves no time for more of that`;
    }
    case 'work':
      return `because a request takes ${milliseconds(cause.responseTime)} ms even without a queue (${listUtilisation(measurement)})`;
    case 'held-up': {
      const limited = isConcurrencyLimited(cell.deployment.spec);
      const behind = `requests wait behind those that keep ${limited ? 'a worker' : 'an event loop'} for ${milliseconds(cause.serviceTime)} ms`;
      return `because ${behind}, although nothing is used up (${listUtilisation(measurement)})`;
    }
    case 'concurrency': {
      const alone = `${milliseconds(cause.responseTime)} ms each`;
      return `because it serves ${atATime(cause.atOnce)}, ${alone} at light load, while ${busyCpus(measurement, experiment)}`;
    }
    case 'unexplained':
      return `although nothing is used up (${listUtilisation(measurement)}): ${describeMiss(point, experiment)}`;
    case 'generator':
      return `because k6 reaches its limit first: ${busyCpus(measurement, experiment)} (${listShares(measurement)})`;
    case 'limit-not-found':
      return `with ${listUtilisation(measurement)}`;
  }
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

function limitUsed(resource: ContainerCpus, cell: Cell, measurement: Measurement, experiment: Experiment): string {
  const container = containerIn(resource);
  const { subject, verb } = containerWords[container];
  const used = percent(measurement.utilisation[resource] ?? 0);
  return `${subject} ${verb} ${used} of ${limitOf(container, cell)}, while ${busyCpus(measurement, experiment)}`;
}

/** `their limit of 0.6 CPUs`, or `their CPU set (0-1)` if that is less. */
function limitOf(container: LimitedContainer, { deployment }: Cell): string {
  const { own } = containerWords[container];
  const limits = deployment.containers?.[container] ?? {};
  const least = limitedCpus(limits) ?? 0;
  return limits.cpus === least ? `${own} limit of ${shownCpus(least)}` : `${own} CPU set (${limits.cpuset})`;
}

const componentNames: Readonly<Record<Component, string>> = {
  nginx: 'nginx',
  workers: 'workers',
  postgres: 'Postgres',
  k6: 'k6',
};

const usedUp: Readonly<Record<Resource, (cell: Cell, measurement: Measurement, experiment: Experiment) => string>> = {
  cpu: (_cell, measurement, experiment) =>
    `${busyCpus(measurement, experiment)}: ${listShares(measurement)}${stolen(measurement)}`,
  workers(cell, measurement, experiment) {
    const limited = isConcurrencyLimited(cell.deployment.spec);
    const subject = allOf(deriveParallelism(cell.deployment).workers, limited ? 'worker' : 'event loop');
    const busy = percent(measurement.utilisation.workers ?? Number.NaN);
    const each = `${milliseconds(busyPerRequest(measurement))} ms with each request`;
    return `${subject} busy ${busy} of the time, ${each}, while ${busyCpus(measurement, experiment)}`;
  },
  'database-connections'(cell, measurement, experiment) {
    const subject = allOf(cell.deployment.databaseConnections, 'database connection');
    const { utilisation } = measurement;
    const inUse = percent(utilisation['database-connections'] ?? Number.NaN);
    const each = `${milliseconds(holdPerRequest(measurement))} ms by each request`;
    const subjectOfLoops =
      deriveParallelism(cell.deployment).workers === 1 ? 'the event loop is' : 'the event loops are';
    const loops =
      utilisation.workers === undefined ? '' : `${subjectOfLoops} ${percent(utilisation.workers)} busy and `;
    return `${subject} in use ${inUse} of the time, ${each}, while ${loops}${busyCpus(measurement, experiment)}`;
  },
  nginx: (_cell, measurement, experiment) =>
    `nginx's processes are busy ${percent(measurement.utilisation.nginx)} of the time while ${busyCpus(measurement, experiment)}`,
};

const queuedFor: Readonly<Record<Resource, (cell: Cell) => string>> = {
  cpu: () => 'a CPU',
  workers(cell) {
    const noun = isConcurrencyLimited(cell.deployment.spec) ? 'worker' : 'event loop';
    const workers = deriveParallelism(cell.deployment).workers;
    return workers === 1 ? `the one ${noun}` : `one of ${workers} ${noun}s`;
  },
  'database-connections': ({ deployment }) => `one of ${deployment.databaseConnections} database connections`,
  nginx: () => 'nginx',
};

function busyCpus({ utilisation }: Measurement, { cpus }: Experiment): string {
  return `${cpus === 1 ? 'the CPU is' : `the ${cpus} CPUs are`} ${percent(utilisation.cpu)} busy`;
}

/** What uses the CPUs, the largest share first; k6 and other programs are named too. */
function listShares(measurement: Measurement): string {
  const { cpuShare } = measurement;
  const list = components
    .toSorted((a, b) => cpuShare[b] - cpuShare[a])
    .map(component => `${componentNames[component]} ${busyPercent(cpuShare[component])}`);
  const others = othersShareOf(measurement);
  if (others >= LEAST_SHARE) list.push(`everything else ${percent(others)}`);
  return list.join(', ');
}

/** How busy something is. */
function busyPercent(fraction: Fraction): string {
  return fraction > 0 && fraction < 0.01 ? 'under 1 %' : percent(fraction);
}

function stolen({ steal }: Measurement): string {
  return steal >= LEAST_SHARE ? `, and a hypervisor took away ${percent(steal)}` : '';
}

/** `about 4.2 requests at a time`. */
function atATime(requests: number): string {
  return `about ${rounded(requests)} ${rounded(requests) === '1' ? 'request' : 'requests'} at a time`;
}

/** `the one worker is`, `both workers are`, `all 8 workers are`. */
function allOf(number: number, noun: string): string {
  if (number === 1) return `the one ${noun} is`;
  return number === 2 ? `both ${noun}s are` : `all ${number} ${noun}s are`;
}

function describeMiss({ arrivalRate, verdict }: LoadPoint, { objective }: Experiment): string {
  return `${describeShortfall(verdict.misses[0], objective.quantile)} at ${rounded(arrivalRate)}/s`;
}

function describeShortfall(miss: Miss | undefined, quantile: Fraction): string {
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
