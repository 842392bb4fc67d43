import type { Trial } from '../../model/experiment.ts';
import { meanOf, quantile } from '../../model/histogram.ts';
import {
  type Component,
  isTold,
  type Measurement,
  type ToldMeasurement,
  type WorkerActivity,
} from '../../model/measurement.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import type { LoadPoint } from '../search/load-curve.ts';
import { busyPerRequest, othersShareOf } from '../search/saturation.ts';
import { trendInProgress } from '../search/verdict.ts';

/** How busy everything was at one load, and who waited for what. */
export interface ResourcesAt {
  readonly arrivalRate: PerSecond;
  readonly utilisation: Measurement['utilisation'];
  /** Of all CPUs; `others`: whatever else runs on the machine, with the lab itself. */
  readonly cpuShare: Readonly<Record<Component | 'others', Fraction>>;
  /** The least and the most busy worker: busy time of a blocking one, utilisation of an event loop; absent: they do not tell. */
  readonly workersBusy?: { readonly lowest: Fraction; readonly highest: Fraction };
  /** Requests that one worker held: the mean over all workers, and the most that any had. */
  readonly heldPerWorker?: { readonly mean: number; readonly most: number };
  /** Requests in progress that were added each second. */
  readonly growth: PerSecond;
  readonly databaseConnections: {
    /** On average; absent: not known. */
    readonly inUse?: number;
    readonly activeBackends: Measurement['activeBackends'];
  };
  /** What a request waits for on average, before a worker takes it up and before it has a database connection. */
  readonly waiting?: { readonly worker: Seconds; readonly connection: Seconds };
  readonly contextSwitches?: Measurement['contextSwitches'];
  readonly steal: Fraction;
  readonly throttled: Fraction | null;
  /** The p99 of how late the generator was. */
  readonly scheduleLag: Seconds;
}

/** Seconds below which the hundredths that the system counts CPU time in, and chance, are most of what is seen. */
const LEAST_OBSERVED: Seconds = 0.5;

/** Whether enough was seen of a load: a trial that was stopped in its warm-up saw nothing of it. */
export function isObserved({ measurement }: Pick<LoadPoint, 'measurement'>): boolean {
  if (measurement.observed < LEAST_OBSERVED) return false;
  return isTold(measurement) ? measurement.workers.some(({ completed }) => completed > 0) : measurement.throughput > 0;
}

/** The resources of a load that was observed. */
export function resourcesAt({ arrivalRate, trial, measurement }: LoadPoint): ResourcesAt {
  const { utilisation, cpuShare, steal, throttled, activeBackends, contextSwitches } = measurement;
  const connections = utilisation['database-connections'];
  return {
    arrivalRate,
    utilisation,
    cpuShare: { ...cpuShare, others: Math.max(0, othersShareOf(measurement)) },
    ...(isTold(measurement) && workersAt(trial, measurement)),
    growth: trendInProgress(trial, measurement).slope,
    databaseConnections: {
      ...(connections !== undefined && { inUse: connections * trial.cell.deployment.databaseConnections }),
      activeBackends,
    },
    ...(contextSwitches !== undefined && { contextSwitches }),
    steal,
    throttled,
    scheduleLag: quantile(measurement.scheduleLag, 0.99),
  };
}

function workersAt({ cell }: Trial, measurement: ToldMeasurement) {
  const { observed, workers } = measurement;
  const busy = workers.map(worker => worker.busy / observed);
  const held = workers.map(({ inProgress }) => inProgress);
  return {
    workersBusy: { lowest: Math.min(...busy), highest: Math.max(...busy) },
    heldPerWorker: {
      mean: held.reduce((sum, { mean }) => sum + mean, 0) / held.length,
      most: Math.max(...held.map(({ most }) => most)),
    },
    waiting: {
      worker: waitForWorker(measurement, isConcurrencyLimited(cell.deployment.spec)),
      connection: perRequest(workers, ({ connectionWait }) => connectionWait),
    },
  };
}

/** What is left of the response time: a loop also comes back to a request late, which is waiting for the worker too. */
function waitForWorker(measurement: ToldMeasurement, blocking: boolean): Seconds {
  const { responseTimeFromSend, workers } = measurement;
  if (responseTimeFromSend.count === 0) return 0;
  const inside = blocking
    ? busyPerRequest(measurement)
    : perRequest(workers, ({ databaseWait, connectionWait }) => databaseWait + connectionWait);
  return Math.max(0, meanOf(responseTimeFromSend) - inside);
}

function perRequest(workers: readonly WorkerActivity[], of: (worker: WorkerActivity) => Seconds): Seconds {
  const completed = workers.reduce((sum, worker) => sum + worker.completed, 0);
  return workers.reduce((sum, worker) => sum + of(worker), 0) / completed;
}
