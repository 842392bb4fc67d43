import type { Load, Objective, Workload } from '../../model/experiment.ts';
import { type Component, type Resource, resources } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { findBottleneckStation } from '../queueing/asymptotic-bounds.ts';
import { type ServerPool, timeAtQuantile, waitingProbability } from '../queueing/erlang-c.ts';
import { meanValueAnalysis } from '../queueing/mean-value-analysis.ts';
import { estimateWait, type Wait, waitLongerProbability } from '../queueing/mgc.ts';
import { concurrencyAt } from '../queueing/operational-laws.ts';
import { meanPerRequest, type Requirements, type ServiceModel } from '../simulation/service-model.ts';
import type { PlannedMachine } from './question.ts';
import {
  type LoadedService,
  loadService,
  postgresDemandAt,
  type ReducedService,
  requestKinds,
} from './reduced-service.ts';

// Open loads by formulas: the CPUs are shared among all that computes (processor sharing, M/M/c), workers and connections are
// pools that a request holds (M/G/c, by Allen and Cunneen). The CPUs stretch the time for which they are held.

/** Formulas are within this factor of what the simulation says of a capacity: what is farther need not be simulated. */
export const FORMULAS_OFF = 1.3;
/** CPU utilisation from which on the CPUs are the bottleneck: what is held is held that long because of them. */
const NEARLY_ALL: Fraction = 0.9;
const PRECISION = 1e-3;
/** Of a service that uses nothing. */
const HIGHEST: PerSecond = 1e7;

/** How long requests take, as the client sees it. */
export interface ResponseTimes {
  readonly mean: Seconds;
  readonly quantiles: Readonly<Record<'p50' | 'p90' | 'p95' | 'p99', Seconds>>;
  /** At the objective's own quantile. */
  readonly atObjective: Seconds;
  /** The part of the requests that takes longer than the objective. */
  readonly overObjective: Fraction;
}

/** The reported quantiles, from the time at each. */
export function quantilesFrom(at: (quantile: Fraction) => Seconds): ResponseTimes['quantiles'] {
  return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

/** The steady state of an open load. */
interface OpenLoad {
  readonly utilisation: Record<Resource, Fraction>;
  readonly cpuShare: Record<Component, Fraction>;
  readonly responseTime: ResponseTimes;
  readonly concurrency: number;
}

/** How busy each resource would be: 1 and more where it cannot be. */
function utilisationsAt(
  { usableCpus, workers, connections, nginxProcesses }: ReducedService,
  arrivalRate: PerSecond,
  { total, demand, workerHold, connectionHold }: LoadedService,
): Record<Resource, Fraction> {
  return {
    cpu: (arrivalRate * total) / usableCpus,
    workers: (arrivalRate * workerHold) / workers,
    'database-connections': (arrivalRate * connectionHold) / connections,
    nginx: (arrivalRate * demand.nginx) / nginxProcesses,
  };
}

/** What saturates first as the load grows, and at which throughput. */
export function findSaturation(service: ReducedService): {
  readonly bottleneck: Resource;
  readonly throughput: PerSecond;
} {
  const utilisationAt = (throughput: PerSecond) =>
    utilisationsAt(service, throughput, loadService(service, throughput));
  const used = (throughput: PerSecond) => Math.max(...Object.values(utilisationAt(throughput)));
  const light = loadService(service, 0).total + meanPerRequest(service.kinds, ({ wait }) => wait);
  const throughput = Math.min(HIGHEST, throughputWhereFull(used, 1 / Math.max(light, 1e-6)));
  const utilisation = utilisationAt(throughput);
  const busiest = resources.reduce((most, one) => (utilisation[one] > utilisation[most] ? one : most));
  return { bottleneck: utilisation.cpu >= NEARLY_ALL ? 'cpu' : busiest, throughput };
}

/** The throughput just below which a utilisation that grows with it reaches 1; infinite where it never does. */
function throughputWhereFull(used: (throughput: PerSecond) => Fraction, first: PerSecond): PerSecond {
  let [low, high] = [0, first];
  while (used(high) < 1) {
    if (high > 100 * HIGHEST) return Number.POSITIVE_INFINITY;
    [low, high] = [high, 2 * high];
  }
  while (high / low > 1 + PRECISION) {
    const middle = (low + high) / 2;
    if (used(middle) < 1) low = middle;
    else high = middle;
  }
  return low;
}

/** The steady state of an open load below saturation; `undefined` where there is none. */
export function openLoadAt(
  service: ReducedService,
  arrivalRate: PerSecond,
  { quantile, responseTime }: Objective,
): OpenLoad | undefined {
  const under = loadService(service, arrivalRate);
  const utilisation = utilisationsAt(service, arrivalRate, under);
  if (!isBelowSaturation(utilisation)) return undefined;
  const queues = queuesAt(service, arrivalRate, under);
  const waits = queues.reduce((sum, { part, mean }) => sum + part * mean, 0);
  const mean = meanPerRequest(service.kinds, kind => timeAlone(kind, service, under)) + waits;
  const longer = longerThan(service, under, queues);
  const at = (q: Fraction) => timeAtQuantile(longer, q, mean);
  const share = (component: Component) => (arrivalRate * under.demand[component]) / service.cpus;
  return {
    utilisation,
    cpuShare: { nginx: share('nginx'), workers: share('workers'), postgres: share('postgres'), k6: share('k6') },
    responseTime: {
      mean,
      quantiles: quantilesFrom(at),
      atObjective: at(quantile),
      overObjective: longer(responseTime),
    },
    concurrency: concurrencyAt({ throughput: arrivalRate, responseTime: mean }),
  };
}

/** Whether the objective is met at a load. */
export function carriesByFormulas(service: ReducedService, arrivalRate: PerSecond, objective: Objective): boolean {
  const under = loadService(service, arrivalRate);
  if (!isBelowSaturation(utilisationsAt(service, arrivalRate, under))) return false;
  const longer = longerThan(service, under, queuesAt(service, arrivalRate, under));
  return longer(objective.responseTime) <= 1 - objective.quantile;
}

function isBelowSaturation(utilisation: Record<Resource, Fraction>): boolean {
  return resources.every(resource => utilisation[resource] < 1);
}

/** Parts of the saturation. Demands are largest at a light load: an objective missed there may be met at half. */
const LOOKS: readonly Fraction[] = [1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9];

/** The highest load at which the objective is met by formulas; 0 where it is met at none. */
export function capacityByFormulas(service: ReducedService, objective: Objective): PerSecond {
  const carried = (arrivalRate: PerSecond) => carriesByFormulas(service, arrivalRate, objective);
  const { throughput } = findSaturation(service);
  const first = LOOKS.find(part => carried(part * throughput));
  if (first === undefined) return 0;
  let [low, high] = [first * throughput, throughput];
  while (high / low > 1 + PRECISION) {
    const middle = high / low > 2 ? Math.sqrt(low * high) : (low + high) / 2;
    if (carried(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** P(a request takes longer than a time): what its kind takes alone, and the longest of its waits. */
function longerThan(service: ReducedService, under: LoadedService, queues: readonly Queue[]) {
  const alone = service.kinds.map(kind => timeAlone(kind, service, under));
  const waitsLonger = (time: Seconds) =>
    1 - queues.reduce((within, queue) => within * (1 - queue.part * waitLongerProbability(queue, time)), 1);
  return (time: Seconds): Fraction =>
    service.kinds.reduce((sum, { share }, index) => {
      const left = time - (alone[index] ?? 0);
      return sum + share * (left < 0 ? 1 : waitsLonger(left));
    }, 0);
}

/** Seconds that a request of this kind takes without any others. */
function timeAlone(kind: Requirements, { kinds, cpus, usableCpus }: ReducedService, { total }: LoadedService): Seconds {
  const mean = meanPerRequest(kinds, ({ cpuSeconds }) => cpuSeconds);
  // The lost part of the CPUs stretches all that computes.
  return ((total - mean + kind.cpuSeconds) * cpus) / usableCpus + kind.wait;
}

/** A queue, and the part of all requests that comes to it. */
interface Queue extends Wait {
  readonly part: Fraction;
}

/** The queues before the workers, the CPUs and, where a loop asks the database, its connections. */
function queuesAt(service: ReducedService, arrivalRate: PerSecond, under: LoadedService): Queue[] {
  const { kinds, workers, limited, cpus, usableCpus } = service;
  const { demand, stretch, workerHold, connectionHold, querying } = under;
  // Where connections stick to workers, each worker with its database connections is a separate queue.
  const apart = service.isStuck ? workers : 1;
  const own = demand.workers - meanPerRequest(kinds, ({ cpuSeconds }) => cpuSeconds);
  const held = (kind: Requirements) =>
    stretch * (own + kind.cpuSeconds) + (limited ? stretch * demand.postgres + kind.wait : 0);
  // The request's own work is exponential; CPU work and waits are as long as asked.
  const spread = meanPerRequest(kinds, kind => (held(kind) - workerHold) ** 2) + (stretch * own) ** 2;
  const queues = [
    queueBefore(
      { arrivalRate: arrivalRate / apart, serviceTime: workerHold, servers: workers / apart },
      workerHold > 0 ? spread / workerHold ** 2 : 0,
    ),
    queueBefore({ arrivalRate, serviceTime: (under.total * cpus) / usableCpus, servers: cpus }, 1),
  ];
  if (limited || querying === 0) return queues;
  const serviceTime = connectionHold / querying;
  const waits = meanPerRequest(kinds, ({ wait, statements }) => (statements > 0 ? (wait - serviceTime) ** 2 : 0));
  const connections = {
    arrivalRate: (arrivalRate * querying) / apart,
    serviceTime,
    servers: service.connections / apart,
  };
  return [...queues, queueBefore(connections, waits / querying / serviceTime ** 2, querying)];
}

/** Standard deviations of the number of busy servers: with so many more servers a request never waits. */
const MANY_MORE = 12;

function queueBefore(pool: ServerPool, serviceVariation: number, part: Fraction = 1): Queue {
  const { servers, serviceTime, arrivalRate } = pool;
  const busy = arrivalRate * serviceTime;
  if (busy === 0 || servers > busy + MANY_MORE * (1 + Math.sqrt(busy))) return { part, waiting: 0, mean: 0 };
  const excess = servers / serviceTime - arrivalRate;
  return { part, ...estimateWait({ waiting: waitingProbability(pool), excess, serviceVariation }) };
}

/** Demands depend on the throughput and the throughput on demands: after so many turns they agree. */
const TURNS = 12;

/**
 * The throughput of a closed load by exact mean value analysis: the CPUs, and the pool that a request holds (blocking
 * workers, or the database connections of event loops) are stations. What a request computes while it holds a blocking
 * worker is counted at the worker; the CPUs, and the threads of loops, bound the whole.
 */
export function closedThroughput(
  service: ReducedService,
  { users, thinkTime }: Extract<Load, { model: 'closed' }>,
): PerSecond {
  const { kinds, limited, cpus, usableCpus, workers } = service;
  const wait = meanPerRequest(kinds, kind => kind.wait);
  const lost = cpus / usableCpus;
  let throughput = users / (thinkTime + wait + 0.001);
  for (let turn = 0; turn < TURNS; turn++) {
    const demand = service.demandAt(throughput);
    const computing = lost * (demand.nginx + demand.workers + demand.postgres + demand.k6);
    const cpu = { name: 'cpu', serviceDemand: computing, servers: cpus };
    const stations = limited
      ? [
          // A worker that computes has its CPU at once unless all are taken: it is counted with what it holds.
          { ...cpu, serviceDemand: lost * (demand.nginx + demand.k6) },
          { name: 'workers', serviceDemand: wait + lost * (demand.workers + demand.postgres), servers: workers },
        ]
      : [cpu, { name: 'database-connections', serviceDemand: wait, servers: service.connections }];
    const visited = stations.filter(({ serviceDemand }) => serviceDemand > 0);
    const network = meanValueAnalysis(visited, { users, thinkTime });
    const loops = { name: 'workers', serviceDemand: limited ? 0 : lost * demand.workers, servers: workers };
    const most = computing === 0 ? Number.POSITIVE_INFINITY : findBottleneckStation([cpu, loops]).saturation;
    throughput = Math.sqrt(throughput * Math.min(network.throughput, most));
  }
  return throughput;
}

/** The part of one Postgres that may be used: nearer to all of it waits grow in a way that no model here knows. */
export const DATABASE_FULL = 0.8;

/** The load at which the one Postgres saturates, alone on its machine. */
export interface DatabaseLimit {
  /** By its CPUs; infinite where requests do not query. */
  readonly byCpu: PerSecond;
  /** By its connections; infinite where they are not limited, or requests hold none. */
  readonly byConnections: PerSecond;
}

export function limitDatabase(model: ServiceModel, workload: Workload, machine: PlannedMachine): DatabaseLimit {
  const { cpus, databaseConnections = Number.POSITIVE_INFINITY } = machine;
  const kinds = requestKinds(workload, model);
  const statements = meanPerRequest(kinds, one => one.statements);
  const wait = meanPerRequest(kinds, one => one.wait);
  const demand = (throughput: PerSecond) => postgresDemandAt(throughput, statements, model, cpus);
  return {
    byCpu: throughputWhereFull(throughput => (throughput * demand(throughput)) / cpus, 1),
    byConnections: throughputWhereFull(
      throughput => (throughput * (wait + demand(throughput))) / databaseConnections,
      1,
    ),
  };
}
