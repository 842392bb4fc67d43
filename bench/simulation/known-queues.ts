import * as erlangC from '../../lab/queueing/erlang-c.ts';
import * as gm1 from '../../lab/queueing/gm1.ts';
import { estimateWait } from '../../lab/queueing/mgc.ts';
import { type ServiceModel, waitingAlone } from '../../lab/simulation/service-model.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { TopologyName } from '../../model/topology.ts';

/** S: how long a request keeps its server. */
export const SERVICE_TIME: Seconds = 0.02;

/** A queue of which theory knows how long requests wait in it, and the deployment that is one. */
export interface KnownQueue {
  /** In Kendall's notation. */
  readonly name: string;
  readonly topology: TopologyName;
  readonly servers: number;
  readonly arrivals: 'poisson' | 'even';
  readonly model: ServiceModel;
  /** Values of ρ at which enough requests wait to tell. */
  readonly busy: readonly Fraction[];
  /** W, for ρ, the part of the time in which a server is busy. */
  readonly meanWaitAt: (busy: Fraction) => Seconds;
}

const ONE_SERVER = [0.3, 0.5, 0.7, 0.9];

const exponential: ServiceModel = {
  ...waitingAlone,
  databaseWait: { least: 0, most: 0, distribution: 'exponential' },
};

/**
 * M/M/c is a pool of c database connections of one event loop, with exponential waits (Erlang C). M/D/1 and D/M/1 are one
 * blocking worker with its queue: with waits of one length (Pollaczek and Khinchine), and with exponential ones and even
 * arrivals (G/M/1).
 */
export const knownQueues: readonly KnownQueue[] = [
  ...[1, 2, 8, 40].map(
    (servers): KnownQueue => ({
      name: `M/M/${servers}`,
      topology: 'async',
      servers,
      arrivals: 'poisson',
      busy: servers < 8 ? ONE_SERVER : servers < 40 ? [0.7, 0.8, 0.9, 0.95] : [0.9, 0.95, 0.98],
      model: exponential,
      meanWaitAt: busy =>
        erlangC.meanWait({ arrivalRate: (busy * servers) / SERVICE_TIME, serviceTime: SERVICE_TIME, servers }),
    }),
  ),
  {
    name: 'M/D/1',
    topology: 'sync',
    servers: 1,
    arrivals: 'poisson',
    busy: ONE_SERVER,
    model: waitingAlone,
    meanWaitAt: busy => estimateWait({ waiting: busy, excess: (1 - busy) / SERVICE_TIME, serviceVariation: 0 }).mean,
  },
  {
    name: 'D/M/1',
    topology: 'sync',
    servers: 1,
    arrivals: 'even',
    busy: ONE_SERVER,
    model: exponential,
    meanWaitAt: busy => gm1.meanWait({ serviceTime: SERVICE_TIME, ...gm1.evenArrivals(busy / SERVICE_TIME) }),
  },
];
