import { type Deployment, listWorkers } from '../../../model/deployment.ts';
import type { Experiment, Trial } from '../../../model/experiment.ts';
import { emptyHistogram, record } from '../../../model/histogram.ts';
import type { Measurement, TrialResult } from '../../../model/measurement.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import { nextBlock } from '../next-block.ts';
import { seededRandom } from '../seeded.ts';
import { isFailureCertain } from '../verdict.ts';

export type CompletedTrial = Extract<TrialResult, { state: 'completed' }>;

/** How the simulated service behaves: a request keeps a worker's place for exactly `serviceTime` seconds. */
export interface SimulatedService {
  readonly serviceTime: number;
  /** Places of each worker; its database connections unless it is set. */
  readonly places?: number;
  /** CPU seconds of a request, all components together, on `cpus` CPUs that are never short. */
  readonly cpuPerRequest: number;
  readonly cpus: number;
}

/** Seconds that a trial takes beside its phases. */
const OVERHEAD = 0.5;
const SAMPLE = 0.25;

/** M/D/c with first come, first served in every worker, and least-connections dispatch before them. */
export function simulate(trial: Trial, service: SimulatedService, experiment: Experiment): CompletedTrial {
  if (trial.load.model !== 'open') throw new RangeError('only open loads are simulated');
  const { objective } = experiment;
  const { warmUp, steadyState, timeLimit } = trial.phases;
  const random = seededRandom(trial.seed);
  const pools = listWorkers(trial.cell.deployment).map(
    ({ databaseConnections }) => new Pool(service.places ?? databaseConnections, service),
  );
  const responseTime = emptyHistogram(objective.responseTime);
  const lateAt: number[] = [];
  const inProgress: { time: number; requests: number }[] = [];
  let scored = 0;
  let end = warmUp + steadyState;
  let sampled = 0;
  let late = 0;
  let stoppedEarly = false;
  for (let time = 0; ; ) {
    time -= Math.log(1 - random()) / trial.load.arrivalRate;
    for (; sampled <= Math.min(time, end); sampled += SAMPLE) {
      for (const pool of pools) pool.advance(sampled);
      inProgress.push({ time: sampled, requests: pools.reduce((sum, pool) => sum + pool.inProgress, 0) });
      while ((lateAt[late] ?? Number.POSITIVE_INFINITY) <= sampled) late++;
      if (isFailureCertain({ overObjective: late, failed: 0 }, trial, objective)) {
        end = sampled;
        stoppedEarly = true;
      }
    }
    if (time >= end) break;
    for (const pool of pools) pool.advance(time);
    const response =
      pools.reduce((least, pool) => (pool.inProgress < least.inProgress ? pool : least)).take(time) - time;
    if (time < warmUp) continue;
    scored++;
    record(responseTime, Math.min(response, timeLimit));
    if (response > objective.responseTime) lateAt.push(time + objective.responseTime);
  }

  const duration = end - warmUp;
  const completed = pools.map(pool => pool.completedIn(warmUp, end));
  const throughput = completed.reduce((sum, count) => sum + count, 0) / duration;
  const places = trial.cell.deployment.databaseConnections;
  const held = Math.min(1, (throughput * service.serviceTime) / places);
  const cpu = (throughput * service.cpuPerRequest) / service.cpus;
  const limited = isConcurrencyLimited(trial.cell.deployment.spec);
  const measurement: Measurement = {
    ...nothingMeasured(objective.responseTime),
    offeredLoad: scored / duration,
    throughput,
    scored,
    observed: duration,
    inProgress,
    stoppedEarly,
    responseTime,
    responseTimeFromSend: responseTime,
    serviceDemand: { nginx: 0, workers: service.cpuPerRequest, postgres: 0, k6: 0 },
    cpuShare: { nginx: 0, workers: cpu, postgres: 0, k6: 0 },
    utilisation: {
      cpu,
      workers: limited ? held : (throughput * service.cpuPerRequest) / pools.length,
      'database-connections': held,
      nginx: 0,
    },
    workers: listWorkers(trial.cell.deployment).map(({ name }, index) => ({
      name,
      completed: completed[index] ?? 0,
      busy: (completed[index] ?? 0) * (limited ? service.serviceTime : service.cpuPerRequest),
      databaseWait: (completed[index] ?? 0) * service.serviceTime,
      connectionsHeld: (completed[index] ?? 0) * service.serviceTime,
      connectionWait: 0,
      inProgress: { mean: 0, most: 0 },
    })),
  };
  return { state: 'completed', trial, elapsed: end + OVERHEAD, measurement };
}

/** A whole search, trial after trial; `change` may change what came of one. */
export function search(
  experiment: Experiment,
  serviceOf: (deployment: Deployment, trial: Trial) => SimulatedService,
  change: (result: CompletedTrial) => TrialResult = result => result,
): TrialResult[] {
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    results.push(change(simulate(trial, serviceOf(trial.cell.deployment, trial), experiment)));
  }
  return results;
}

/** A measurement in which nothing happened, to be filled in. */
export function nothingMeasured(objective: number): Measurement {
  return {
    offeredLoad: 0,
    throughput: 0,
    scored: 0,
    neverSent: 0,
    neverAnswered: 0,
    inProgress: [],
    stoppedEarly: false,
    responseTime: emptyHistogram(objective),
    responseTimeFromSend: emptyHistogram(objective),
    scheduleLag: emptyHistogram(objective),
    errors: { timeout: 0, connection: 0, 'status-4xx': 0, 'status-503': 0, 'status-5xx': 0 },
    serviceDemand: { nginx: 0, workers: 0, postgres: 0, k6: 0 },
    utilisation: { cpu: 0, workers: 0, 'database-connections': 0, nginx: 0 },
    cpuShare: { nginx: 0, workers: 0, postgres: 0, k6: 0 },
    memory: { nginx: 0, workers: 0, postgres: 0, k6: 0 },
    workers: [],
    completions: { sent: 0, succeeded: 0, byWorkers: 0 },
    others: [],
    controlLost: false,
    steal: 0,
    observed: 0,
    throttled: null,
    activeBackends: null,
    contextSwitches: null,
  };
}

/** A worker with its places: departures are in order, since everyone takes equally long. */
class Pool {
  readonly #departures: number[] = [];
  readonly #places: number;
  readonly #serviceTime: number;
  #gone = 0;

  constructor(places: number, { serviceTime }: SimulatedService) {
    this.#places = places;
    this.#serviceTime = serviceTime;
  }

  get inProgress(): number {
    return this.#departures.length - this.#gone;
  }

  advance(time: number): void {
    while ((this.#departures[this.#gone] ?? Number.POSITIVE_INFINITY) <= time) this.#gone++;
  }

  /** Takes a request and returns when it departs. */
  take(time: number): number {
    const free = this.#departures[this.#departures.length - this.#places] ?? 0;
    const departure = Math.max(time, free) + this.#serviceTime;
    this.#departures.push(departure);
    return departure;
  }

  completedIn(from: number, to: number): number {
    return this.#departures.filter(time => time >= from && time < to).length;
  }
}
