import { requestFor } from '../../model/contract/contract.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LiveOrders } from '../../model/wire.ts';
import {
  type DeploymentSecond,
  type LiveLoad,
  OBJECTIVE,
  type Settings,
  type State,
  settingLimits,
} from '../protocol.ts';
import { TIME_LIMIT } from '../work.ts';
import type { LiveStack } from './config.ts';

type Deployments = LiveStack['deployments'];

/** Seconds for which the first workload waits for the database, and for which it keeps a blocking worker busy. */
const WAIT = 0.02;
const HOLD = 0.021;
/** The first load is so many times what the blocking workers can serve: their queue grows slowly enough to watch. */
const OVERLOAD = 1.05;
/** Arrivals per second where no deployment blocks. */
const USUAL = 100;

/** The settings until a page chooses others: a little more than a pool of blocking workers can serve. */
export function chooseFirstSettings(deployments: Deployments): Settings {
  const shown = chooseFirstShown(deployments);
  const slots = Math.min(...shown.map(({ deployment }) => deriveParallelism(deployment).slots));
  const served = Number.isFinite(slots) ? Math.round((OVERLOAD * slots) / HOLD) : USUAL;
  const share = Math.floor(settingLimits.totalArrivalRate / shown.length);
  return {
    deployments: shown.map(({ id }) => id),
    workload: { route: 'wait', parameters: { ms: WAIT * 1000 } },
    load: { model: 'open', arrivalRate: Math.min(served, settingLimits.arrivalRate, share) },
    running: true,
  };
}

/** A pool and event loops in as many processes, in all sizes that the stack has; otherwise the first two deployments. */
function chooseFirstShown(deployments: Deployments): Deployments {
  const specs = deployments.map(({ deployment: { spec } }) => spec);
  const pool = specs.find(isConcurrencyLimited);
  if (pool === undefined) return deployments.slice(0, 2);
  const loops = specs.filter(spec => !isConcurrencyLimited(spec));
  const beside = loops.find(({ sizes }) => sizes.processes === pool.sizes.processes) ?? loops[0];
  return deployments.filter(({ deployment: { topology } }) => topology === pool.name || topology === beside?.name);
}

/** The orders for k6 in a state. While the load is paused, k6 still sends bursts. */
export function ordersFor(
  { settings: { deployments: ids, workload, load }, rest, requestsPerDot }: State,
  deployments: Deployments,
): Omit<LiveOrders, 'number' | 'bursts'> {
  const isSending = rest === undefined;
  return {
    stop: !isSending && rest !== 'paused',
    arrivalRate: isSending && load.model === 'open' ? load.arrivalRate : 0,
    users: isSending && load.model === 'closed' ? load.users : 0,
    thinkTime: load.model === 'closed' ? load.thinkTime : 0,
    targets: deployments.filter(({ id }) => ids.includes(id)).map(({ id, target }) => ({ name: id, url: target })),
    requests: [{ weight: 1, ...requestFor(workload.route, workload.parameters) }],
    timeLimit: TIME_LIMIT,
    objective: OBJECTIVE,
    requestsPerDot,
  };
}

/** Weight of the latest second in the mean of the offered load. */
const LATEST = 0.3;
/** Seconds from the order of a burst until all of it was sent. */
const BURST = 2;
/** Seconds that a request of a closed load takes until that is known. */
const SHORT = 0.01;
/** Dots in progress at each deployment; more cannot be told apart. */
const DOTS_IN_PROGRESS = 500;
/** The scale gets finer when the finer dots would use no more than this part of their limit; so it does not flicker. */
const ROOM = 0.7;

/** Decides how many requests one dot stands for: by the load that is ordered, and by what was seen of it. */
export class DotScale {
  requestsPerDot = 1;
  #load: LiveLoad;
  /** At the busiest deployment. */
  #offeredLoad = 0;
  #inProgress = 0;
  #burst = { requests: 0, until: Number.NEGATIVE_INFINITY };

  constructor(load: LiveLoad) {
    this.#load = load;
    this.expect(load);
  }

  /** Another load is sent from now on. */
  expect(load: LiveLoad): void {
    if (load.model === 'closed' && JSON.stringify(load) !== JSON.stringify(this.#load)) {
      this.#offeredLoad = Math.min(load.users / (load.thinkTime + SHORT), settingLimits.totalArrivalRate);
    }
    this.#load = load;
    this.#scale();
  }

  /** So many requests are sent to each deployment at once. */
  burst(requests: number, now: number): void {
    const others = this.#burst.until > now ? this.#burst.requests : 0;
    this.#burst = { requests: others + requests, until: now + BURST };
    this.#scale();
  }

  /** What was seen in the last second. */
  seen(deployments: readonly DeploymentSecond[], now: number): void {
    const highest = (name: 'offeredLoad' | 'inProgress') => Math.max(0, ...deployments.map(second => second[name]));
    this.#offeredLoad += LATEST * (highest('offeredLoad') - this.#offeredLoad);
    this.#inProgress = highest('inProgress');
    if (this.#burst.until <= now) this.#burst.requests = 0;
    this.#scale();
  }

  #scale(): void {
    const steady = this.#load.model === 'open' ? this.#load.arrivalRate : this.#offeredLoad;
    const perSecond = steady + this.#burst.requests;
    const needed = Math.max(perSecond / settingLimits.dotsPerSecond, this.#inProgress / DOTS_IN_PROGRESS);
    const coarser = roundUp(needed);
    const finer = Math.min(this.requestsPerDot, roundUp(needed / ROOM));
    this.requestsPerDot = coarser >= this.requestsPerDot ? coarser : finer;
  }
}

/** To 1, 2, 5, 10, 20, … */
function roundUp(number: number): number {
  for (let power = 1; ; power *= 10) {
    for (const step of [power, 2 * power, 5 * power]) if (step >= number) return step;
  }
}
