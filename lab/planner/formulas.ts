import type { Objective } from '../experiment/experiment.ts';
import { type Component, components, type Resource, resources } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond, Seconds } from '../experiment/units.ts';
import { type ServerPool, waitingProbability } from '../queueing/erlang-c.ts';
import { concurrencyAt } from '../queueing/littles-law.ts';
import { quantileOf } from '../queueing/quantile-of.ts';
import { saturationThroughput } from '../queueing/utilisation-law.ts';
import { meanOver } from '../simulation/requirements.ts';
import type { Kind, Service } from './demands-at.ts';
import { type ResponseTimes, toldTimes } from './prediction.ts';
import { whereFull } from './where-full.ts';

/** Capacities by formulas are no further than this factor off what is simulated: what is farther is not simulated. */
export const FORMULAS_OFF = 1.3;

/**
 * An open load by formulas: the CPUs are shared among all that computes (processor sharing, M/M/c), workers and
 * connections are pools that a request holds (G/G/c, by Allen and Cunneen). What holds a worker or a connection is
 * stretched by the others on the CPUs. Demands are those at the load itself.
 */
export interface OpenLoad {
  readonly utilisation: Record<Resource, Fraction>;
  readonly cpuShare: Record<Component, Fraction>;
  readonly responseTime: ResponseTimes;
  readonly concurrency: number;
}

/** How busy each resource would be: 1 and more where it cannot be. */
export function utilisationsAt(
  service: Service,
  arrivalRate: PerSecond,
  { demand, stretch }: DemandUnder = demandUnder(service, arrivalRate),
): Record<Resource, Fraction> {
  // Above 1 as well: how much too much there is to do.
  const at = (serviceDemand: Seconds, servers: number) => (arrivalRate * serviceDemand) / servers;
  return {
    cpu: at(total(demand), service.usableCpus),
    workers: at(workerHold(service, demand, stretch), service.workers),
    'database-connections': at(connectionHold(service, demand, stretch), service.connections),
    nginx: at(demand.nginx, service.nginxProcesses),
  };
}

/** What gives out first as the load grows, and at which throughput. */
export function saturationOf(service: Service): { readonly bottleneck: Resource; readonly throughput: PerSecond } {
  const used = (throughput: PerSecond) => Math.max(...Object.values(utilisationsAt(service, throughput)));
  const light = total(service.demandAt(0)) + meanOver(service.kinds, ({ wait }) => wait);
  const first = saturationThroughput({ serviceDemand: Math.max(light, 1e-6), servers: 1 });
  const throughput = Math.min(HIGHEST, whereFull(used, first));
  const utilisation = utilisationsAt(service, throughput);
  const busiest = resources.reduce((most, one) => (utilisation[one] > utilisation[most] ? one : most));
  // Where the CPUs are all but used up, what is held is held for so long because of them.
  return { bottleneck: utilisation.cpu >= NEARLY_ALL ? 'cpu' : busiest, throughput };
}

const NEARLY_ALL: Fraction = 0.9;

const PRECISION = 1e-3;
/** Of a service that uses nothing. */
const HIGHEST: PerSecond = 1e7;

/** The steady state of an open load below saturation; `undefined` where there is none. */
export function openLoadAt(service: Service, arrivalRate: PerSecond, objective: Objective): OpenLoad | undefined {
  const under = demandUnder(service, arrivalRate);
  const utilisation = utilisationsAt(service, arrivalRate, under);
  if (!isBelowAll(utilisation)) return undefined;
  const { demand } = under;
  const { longer, waits } = timesAt(service, arrivalRate, under);
  const mean = meanOver(service.kinds, kind => aloneFor(kind, service, demand)) + waits;
  const at = (q: Fraction) => quantileOf(longer, q, mean);
  const cpuShare = Object.fromEntries(
    components.map(component => [component, (arrivalRate * demand[component]) / service.cpus]),
  ) as Record<Component, Fraction>;
  return {
    utilisation,
    cpuShare,
    responseTime: {
      mean,
      quantiles: toldTimes(at),
      atObjective: at(objective.quantile),
      overObjective: longer(objective.responseTime),
    },
    concurrency: concurrencyAt({ throughput: arrivalRate, responseTime: mean }),
  };
}

/** How long requests take at a load below saturation: what they need alone, and what they wait for beside that. */
function timesAt(service: Service, arrivalRate: PerSecond, { demand, stretch }: DemandUnder) {
  const queues = queuesOf(service, arrivalRate, demand, stretch);
  const alone = service.kinds.map(kind => aloneFor(kind, service, demand));
  const longer = (time: Seconds): Fraction =>
    service.kinds.reduce((sum, { share }, index) => {
      const left = time - (alone[index] ?? 0);
      return sum + share * (left < 0 ? 1 : waitsLonger(queues, left));
    }, 0);
  return { longer, waits: queues.reduce((sum, { part, mean }) => sum + part * mean, 0) };
}

/** Whether the objective is met at a load. */
export function carriesByFormulas(service: Service, arrivalRate: PerSecond, objective: Objective): boolean {
  const under = demandUnder(service, arrivalRate);
  if (!isBelowAll(utilisationsAt(service, arrivalRate, under))) return false;
  return timesAt(service, arrivalRate, under).longer(objective.responseTime) <= 1 - objective.quantile;
}

function isBelowAll(utilisation: Record<Resource, Fraction>): boolean {
  return resources.every(resource => utilisation[resource] < 1);
}

const LOOKS: readonly Fraction[] = [1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9];

/** The highest load at which the objective is met by formulas; 0 where it is met at none. */
export function capacityByFormulas(service: Service, objective: Objective): PerSecond {
  const carried = (arrivalRate: PerSecond) => carriesByFormulas(service, arrivalRate, objective);
  const { throughput } = saturationOf(service);
  // Demands are largest at hardly any load: what is missed there may be met at half.
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

/** Seconds that a request of this kind takes when nobody else is there. */
function aloneFor(kind: Kind, service: Service, demand: Record<Component, Seconds>): Seconds {
  const mean = meanOver(service.kinds, ({ cpuSeconds }) => cpuSeconds);
  // Whoever keeps a part of the CPUs stretches all that computes.
  return ((total(demand) - mean + kind.cpuSeconds) * service.cpus) / service.usableCpus + kind.wait;
}

/** Demands at a load, and how many times as long as alone a worker computes under it. */
interface DemandUnder {
  readonly demand: Record<Component, Seconds>;
  readonly stretch: number;
}

function demandUnder(service: Service, arrivalRate: PerSecond): DemandUnder {
  const demand = service.demandAt(arrivalRate);
  return { demand, stretch: stretchOf(service, demand, arrivalRate) };
}

/**
 * As processor sharing has it, 1 + C ÷ (c (1 − ρ)); but where all w threads compute they share what the others leave of
 * the c CPUs, so that it is no more than max(1, w ÷ c) ÷ (1 − u), u: the part of the CPUs that others use.
 */
function stretchOf(service: Service, demand: Record<Component, Seconds>, arrivalRate: PerSecond): number {
  const { cpus, usableCpus, workers } = service;
  const lost = cpus / usableCpus;
  const others = (arrivalRate * (total(demand) - demand.workers)) / usableCpus;
  if (others >= 1) return MOST_STRETCH;
  const most = Math.max(1, workers / cpus) / (1 - others);
  const serviceTime = total(demand) * lost;
  const busy = arrivalRate * serviceTime;
  if (busy === 0) return lost;
  if (busy >= cpus) return Math.min(MOST_STRETCH, lost * most);
  const waiting = waitingProbability({ arrivalRate, serviceTime, servers: cpus });
  return Math.min(MOST_STRETCH, lost * Math.min(most, 1 + waiting / (cpus - busy)));
}

/** The CPUs are called used up long before. */
const MOST_STRETCH = 1000;

function workerHold(service: Service, { workers, postgres }: Record<Component, Seconds>, stretch: number): Seconds {
  const blocked = service.blocking ? stretch * postgres + meanOver(service.kinds, ({ wait }) => wait) : 0;
  return stretch * workers + blocked;
}

function connectionHold(service: Service, demand: Record<Component, Seconds>, stretch: number): Seconds {
  const { kinds } = service;
  const querying = meanOver(kinds, ({ statements }) => (statements > 0 ? 1 : 0));
  if (querying === 0) return 0;
  const own = demand.workers - meanOver(kinds, ({ cpuSeconds }) => cpuSeconds);
  return meanOver(kinds, ({ wait }) => wait) + stretch * (demand.postgres + (querying * own) / 2);
}

/** A queue before what a request has to get hold of, as G/G/c has it. */
interface Queue {
  /** Of all requests, those that come to it. */
  readonly part: Fraction;
  /** C, the probability of waiting. */
  readonly waiting: Fraction;
  /** W, over those that do not wait too. */
  readonly mean: Seconds;
}

function queuesOf(
  service: Service,
  arrivalRate: PerSecond,
  demand: Record<Component, Seconds>,
  stretch: number,
): Queue[] {
  const { kinds, workers, blocking, cpus, usableCpus } = service;
  const own = demand.workers - meanOver(kinds, ({ cpuSeconds }) => cpuSeconds);
  const held = (kind: Kind) =>
    stretch * (own + kind.cpuSeconds) + (blocking ? stretch * demand.postgres + kind.wait : 0);
  const hold = workerHold(service, demand, stretch);
  // The request's own work is exponential; CPU work and waits are as long as asked.
  const spread = meanOver(kinds, kind => (held(kind) - hold) ** 2) + (stretch * own) ** 2;
  const queues = [
    queueBefore({ arrivalRate, serviceTime: hold, servers: workers }, hold > 0 ? spread / hold ** 2 : 0),
    queueBefore({ arrivalRate, serviceTime: (total(demand) * cpus) / usableCpus, servers: cpus }, 1),
  ];
  const querying = meanOver(kinds, ({ statements }) => (statements > 0 ? 1 : 0));
  if (blocking || querying === 0) return queues;
  const connected = connectionHold(service, demand, stretch) / querying;
  const waits = meanOver(kinds, ({ wait, statements }) => (statements > 0 ? (wait - connected) ** 2 : 0)) / querying;
  const pool = { arrivalRate: arrivalRate * querying, serviceTime: connected, servers: service.connections };
  return [...queues, queueBefore(pool, waits / connected ** 2, querying)];
}

/** Standard deviations of the number of busy servers. */
const MANY_MORE = 12;

function queueBefore(pool: ServerPool, serviceVariation: number, part: Fraction = 1): Queue {
  const { servers, serviceTime, arrivalRate } = pool;
  const busy = arrivalRate * serviceTime;
  // With so many more servers than are busy nobody ever finds all of them so.
  if (busy === 0 || servers > busy + MANY_MORE * (1 + Math.sqrt(busy))) return { part, waiting: 0, mean: 0 };
  const waiting = waitingProbability(pool);
  // Allen and Cunneen, with Poisson arrivals: queueing/ggc.ts, which would find C anew at every look.
  return { part, waiting, mean: (((1 + serviceVariation) / 2) * waiting) / (servers / serviceTime - arrivalRate) };
}

/** P(the waits together are longer), as if only the longest of them counted. */
function waitsLonger(queues: readonly Queue[], time: Seconds): Fraction {
  let within = 1;
  for (const { part, waiting, mean } of queues) {
    if (mean > 0) within *= 1 - part * waiting * Math.exp((-waiting * time) / mean);
  }
  return 1 - within;
}

function total(demand: Record<Component, Seconds>): Seconds {
  return components.reduce((sum, component) => sum + demand[component], 0);
}
