import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { type ServerPool, waitingProbability } from '../queueing/erlang-c.ts';
import { estimateWait, type Wait, waitLongerProbability } from '../queueing/mgc.ts';
import { meanPerRequest } from '../simulation/service-model.ts';
import { connectionHold, type DemandUnder, total, workerHold } from './demand-under.ts';
import type { Kind, ReducedService } from './reduced-service.ts';

/** A queue before what a request has to get hold of. */
export interface Queue extends Wait {
  /** Of all requests, those that come to it. */
  readonly part: Fraction;
}

/** Those before the workers, the CPUs and, where a loop asks the database, its connections. */
export function queuesAt(service: ReducedService, arrivalRate: PerSecond, { demand, stretch }: DemandUnder): Queue[] {
  const { kinds, workers, limited, cpus, usableCpus } = service;
  // Where connections stick to workers, each worker and its database connections are a queue of its own.
  const apart = service.isStuck ? workers : 1;
  const own = demand.workers - meanPerRequest(kinds, ({ cpuSeconds }) => cpuSeconds);
  const held = (kind: Kind) =>
    stretch * (own + kind.cpuSeconds) + (limited ? stretch * demand.postgres + kind.wait : 0);
  const hold = workerHold(service, demand, stretch);
  // The request's own work is exponential; CPU work and waits are as long as asked.
  const spread = meanPerRequest(kinds, kind => (held(kind) - hold) ** 2) + (stretch * own) ** 2;
  const queues = [
    queueBefore(
      { arrivalRate: arrivalRate / apart, serviceTime: hold, servers: workers / apart },
      hold > 0 ? spread / hold ** 2 : 0,
    ),
    queueBefore({ arrivalRate, serviceTime: (total(demand) * cpus) / usableCpus, servers: cpus }, 1),
  ];
  const querying = meanPerRequest(kinds, ({ statements }) => (statements > 0 ? 1 : 0));
  if (limited || querying === 0) return queues;
  const connected = connectionHold(service, demand, stretch) / querying;
  const waits =
    meanPerRequest(kinds, ({ wait, statements }) => (statements > 0 ? (wait - connected) ** 2 : 0)) / querying;
  const pool = {
    ...{ arrivalRate: (arrivalRate * querying) / apart, serviceTime: connected },
    servers: service.connections / apart,
  };
  return [...queues, queueBefore(pool, waits / connected ** 2, querying)];
}

/** Standard deviations of the number of busy servers. */
const MANY_MORE = 12;

function queueBefore(pool: ServerPool, serviceVariation: number, part: Fraction = 1): Queue {
  const { servers, serviceTime, arrivalRate } = pool;
  const busy = arrivalRate * serviceTime;
  // With so many more servers than are busy nobody ever finds all of them so.
  if (busy === 0 || servers > busy + MANY_MORE * (1 + Math.sqrt(busy))) return { part, waiting: 0, mean: 0 };
  const excess = servers / serviceTime - arrivalRate;
  return { part, ...estimateWait({ waiting: waitingProbability(pool), excess, serviceVariation }) };
}

/** P(the waits together are longer), as if only the longest of them counted. */
export function waitsLonger(queues: readonly Queue[], time: Seconds): Fraction {
  let within = 1;
  for (const queue of queues) within *= 1 - queue.part * waitLongerProbability(queue, time);
  return 1 - within;
}
