import { type Component, components } from '../../model/measurement.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { waitingProbability } from '../queueing/erlang-c.ts';
import { meanPerRequest } from '../simulation/service-model.ts';
import type { ReducedService } from './reduced-service.ts';

/** Demands at a load, and how many times as long as alone a worker computes under it. */
export interface DemandUnder {
  readonly demand: Record<Component, Seconds>;
  readonly stretch: number;
}

/** Of an open load. */
export function demandUnder(service: ReducedService, arrivalRate: PerSecond): DemandUnder {
  const demand = service.demandAt(arrivalRate);
  return { demand, stretch: stretchOf(service, demand, arrivalRate) };
}

/**
 * As processor sharing has it, 1 + C ÷ (c (1 − ρ)); but where all w threads compute they share what the others leave of
 * the c CPUs, so that it is no more than max(1, w ÷ c) ÷ (1 − u), u: the part of the CPUs that others use.
 */
function stretchOf(service: ReducedService, demand: Record<Component, Seconds>, arrivalRate: PerSecond): number {
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

/** Seconds for which a request holds its worker. */
export function workerHold(
  service: ReducedService,
  { workers, postgres }: Record<Component, Seconds>,
  stretch: number,
): Seconds {
  const blocked = service.limited ? stretch * postgres + meanPerRequest(service.kinds, ({ wait }) => wait) : 0;
  return stretch * workers + blocked;
}

/** Seconds for which a request holds a database connection, over those that need none too. */
export function connectionHold(service: ReducedService, demand: Record<Component, Seconds>, stretch: number): Seconds {
  const { kinds } = service;
  const querying = meanPerRequest(kinds, ({ statements }) => (statements > 0 ? 1 : 0));
  if (querying === 0) return 0;
  const own = demand.workers - meanPerRequest(kinds, ({ cpuSeconds }) => cpuSeconds);
  return meanPerRequest(kinds, ({ wait }) => wait) + stretch * (demand.postgres + (querying * own) / 2);
}

/** CPU seconds of a request, over all components. */
export function total(demand: Record<Component, Seconds>): Seconds {
  return components.reduce((sum, component) => sum + demand[component], 0);
}
