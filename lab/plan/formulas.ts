import type { Objective } from '../../model/experiment.ts';
import { type Component, components, type Resource, resources } from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { timeAtQuantile } from '../queueing/erlang-c.ts';
import { concurrencyAt, saturationThroughput } from '../queueing/operational-laws.ts';
import { meanPerRequest } from '../simulation/service-model.ts';
import { connectionHold, type DemandUnder, demandUnder, total, workerHold } from './demand-under.ts';
import { type ResponseTimes, toldTimes } from './prediction.ts';
import { queuesAt, waitsLonger } from './queues-at.ts';
import type { Kind, ReducedService } from './reduced-service.ts';
import { whereFull } from './where-full.ts';

/** Capacities by formulas are no further than this factor off what is simulated: what is farther is not simulated. */
export const FORMULAS_OFF = 1.3;

/**
 * An open load by formulas: the CPUs are shared among all that computes (processor sharing, M/M/c), workers and
 * connections are pools that a request holds (M/G/c, by Allen and Cunneen). What holds a worker or a connection is
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
  service: ReducedService,
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
export function saturationOf(service: ReducedService): {
  readonly bottleneck: Resource;
  readonly throughput: PerSecond;
} {
  const used = (throughput: PerSecond) => Math.max(...Object.values(utilisationsAt(service, throughput)));
  const light = total(service.demandAt(0)) + meanPerRequest(service.kinds, ({ wait }) => wait);
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
export function openLoadAt(
  service: ReducedService,
  arrivalRate: PerSecond,
  objective: Objective,
): OpenLoad | undefined {
  const under = demandUnder(service, arrivalRate);
  const utilisation = utilisationsAt(service, arrivalRate, under);
  if (!isBelowAll(utilisation)) return undefined;
  const { demand } = under;
  const { longer, waits } = timesAt(service, arrivalRate, under);
  const mean = meanPerRequest(service.kinds, kind => aloneFor(kind, service, demand)) + waits;
  const at = (q: Fraction) => timeAtQuantile(longer, q, mean);
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
function timesAt(service: ReducedService, arrivalRate: PerSecond, under: DemandUnder) {
  const queues = queuesAt(service, arrivalRate, under);
  const alone = service.kinds.map(kind => aloneFor(kind, service, under.demand));
  const longer = (time: Seconds): Fraction =>
    service.kinds.reduce((sum, { share }, index) => {
      const left = time - (alone[index] ?? 0);
      return sum + share * (left < 0 ? 1 : waitsLonger(queues, left));
    }, 0);
  return { longer, waits: queues.reduce((sum, { part, mean }) => sum + part * mean, 0) };
}

/** Whether the objective is met at a load. */
export function carriesByFormulas(service: ReducedService, arrivalRate: PerSecond, objective: Objective): boolean {
  const under = demandUnder(service, arrivalRate);
  if (!isBelowAll(utilisationsAt(service, arrivalRate, under))) return false;
  return timesAt(service, arrivalRate, under).longer(objective.responseTime) <= 1 - objective.quantile;
}

function isBelowAll(utilisation: Record<Resource, Fraction>): boolean {
  return resources.every(resource => utilisation[resource] < 1);
}

const LOOKS: readonly Fraction[] = [1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9];

/** The highest load at which the objective is met by formulas; 0 where it is met at none. */
export function capacityByFormulas(service: ReducedService, objective: Objective): PerSecond {
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
function aloneFor(kind: Kind, service: ReducedService, demand: Record<Component, Seconds>): Seconds {
  const mean = meanPerRequest(service.kinds, ({ cpuSeconds }) => cpuSeconds);
  // Whoever keeps a part of the CPUs stretches all that computes.
  return ((total(demand) - mean + kind.cpuSeconds) * service.cpus) / service.usableCpus + kind.wait;
}
