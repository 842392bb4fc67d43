import type { Load } from '../../model/experiment.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { bottleneckOf, type Station } from '../queueing/asymptotic-bounds.ts';
import { meanValueAnalysis } from '../queueing/mean-value-analysis.ts';
import { responseTimeOfUsers } from '../queueing/operational-laws.ts';
import { meanPerRequest } from '../simulation/service-model.ts';
import type { ReducedService } from './reduced-service.ts';

/** What so many users get, each of whom waits for the answer and then thinks. */
export interface ClosedLoad {
  readonly throughput: PerSecond;
  readonly responseTime: Seconds;
}

type Closed = Extract<Load, { model: 'closed' }>;

/** Demands depend on the throughput and the throughput on demands: after so many turns they agree. */
const TURNS = 12;
const NEARLY = 0.98;

/**
 * A closed load by exact mean value analysis: the CPUs, and the pool that a request holds (blocking workers, or the
 * database connections of event loops) are stations; demands are those at the throughput that comes of them. What a
 * request computes while it holds a blocking worker is counted at the worker, and the CPUs bound what all workers can do.
 */
export function closedLoadAt(service: ReducedService, { users, thinkTime }: Closed): ClosedLoad {
  let throughput = users / (thinkTime + meanPerRequest(service.kinds, ({ wait }) => wait) + 0.001);
  let responseTime = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const network = meanValueAnalysis(stationsOf(service, throughput), { users, thinkTime });
    responseTime = network.responseTime;
    throughput = Math.sqrt(throughput * Math.min(network.throughput, mostOf(service, throughput)));
  }
  if (throughput < NEARLY * mostOf(service, throughput)) return { throughput, responseTime };
  // Where all CPUs are busy users wait for them, whatever pool they are in.
  return { throughput, responseTime: responseTimeOfUsers({ users, thinkTime, throughput }) };
}

/** What the CPUs, and the threads of loops, let through at most, by their demand at this throughput. */
function mostOf(service: ReducedService, throughput: PerSecond): PerSecond {
  const { nginx, workers, postgres, k6 } = service.demandAt(throughput);
  const lost = service.cpus / service.usableCpus;
  const all = [
    { name: 'cpu', serviceDemand: lost * (nginx + workers + postgres + k6), servers: service.cpus },
    ...(service.limited ? [] : [{ name: 'workers', serviceDemand: lost * workers, servers: service.workers }]),
  ];
  const computing = all.filter(({ serviceDemand }) => serviceDemand > 0);
  return computing.length === 0 ? Number.POSITIVE_INFINITY : bottleneckOf(computing).saturation;
}

function stationsOf(service: ReducedService, throughput: PerSecond): Station[] {
  const { nginx, workers, postgres, k6 } = service.demandAt(throughput);
  const lost = service.cpus / service.usableCpus;
  const wait = meanPerRequest(service.kinds, one => one.wait);
  const computing = lost * (nginx + workers + postgres + k6);
  const pool = service.limited
    ? { serviceDemand: wait + lost * (workers + postgres), servers: service.workers }
    : { serviceDemand: wait, servers: service.connections };
  // A worker that computes has its CPU at once unless all are taken: it is counted with what it holds.
  const outside = service.limited ? lost * (nginx + k6) : computing;
  const stations = [
    { name: 'cpu', serviceDemand: outside, servers: service.cpus },
    { name: service.limited ? 'workers' : 'database-connections', ...pool },
  ];
  return stations.filter(({ serviceDemand }) => serviceDemand > 0);
}
