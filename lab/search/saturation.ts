import { limitedContainers } from '../../model/deployment.ts';
import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import { meanOf, varianceOf } from '../../model/histogram.ts';
import {
  type ContainerCpus,
  isTold,
  type LimitedResource,
  type Measurement,
  type ToldMeasurement,
  type TrialResult,
} from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { ownWork } from './trial-plan.ts';

/** The load at which a resource is used up, as far as one trial can tell. */
interface Saturation {
  readonly resource: LimitedResource;
  readonly load: PerSecond;
  /** Share of a request's demand that falls as load grows; absent: all of it. */
  readonly falling?: Fraction;
}

/**
 * CPU seconds of a request that fall away as load grows, since wake-ups are shared: of all components together besides
 * the request's own work, of an event loop, of nginx and of Postgres. At light load.
 */
export const sharedWithLoad = { cpu: 0.002, workers: 0.0005, nginx: 0.0002, postgres: 0.0002 } as const;

/** What a light trial lets expect of a deployment. */
export interface LightLook {
  /** The throughput at which a resource is used up, by the service demands of the light trial. */
  readonly saturation: PerSecond;
  /** Mean response time without a queue. */
  readonly responseTime: Seconds;
  /** Squared coefficients of variation: of arrivals, which is 1, plus of the response time without a queue. */
  readonly burstiness: number;
  /** Requests that were looked at. */
  readonly requests: number;
  readonly throughput: PerSecond;
  /** CPU seconds of a request, of all components together. */
  readonly cpu: Seconds;
  /** A resource that cannot be seen may be used up far below `saturation`. */
  readonly hidden?: true;
}

/** CPU time at a light load, which shows how a request's CPU time falls. */
type LightCpu = Pick<LightLook, 'throughput' | 'cpu'>;

/** The resource that is used up at the smallest load, and that load; `undefined` if nothing was completed. */
export function findSaturation(
  trial: Trial,
  measurement: Measurement,
  cpus: number,
  light?: LightCpu,
): Saturation | undefined {
  const { utilisation, throughput, serviceDemand } = measurement;
  const saturations: Saturation[] = [
    // By what the request itself uses, not by how busy the CPUs were: other programs come and go.
    { resource: 'cpu', ...cpuLoad(trial.cell, measurement, cpus, light) },
    ...(isTold(measurement) ? [{ resource: 'workers', load: workersLoad(trial, measurement) } as const] : []),
    {
      resource: 'database-connections',
      load: trial.cell.deployment.databaseConnections / holdPerRequest(measurement),
    },
    { resource: 'nginx', load: concave(throughput, utilisation.nginx, serviceDemand.nginx, sharedWithLoad.nginx) },
    ...containerSaturations(measurement),
  ];
  return saturations.filter(({ load }) => Number.isFinite(load) && load > 0).sort((a, b) => a.load - b.load)[0];
}

/** More variation than this in some dozens of requests is rather a pause of the machine than the work. */
const MOST_VARIATION = 15;

/** Keeps each look, since the posterior's grid is kept with it. */
const looks = new WeakMap<Measurement, { readonly experiment: Experiment; readonly look: LightLook }>();

/** What the light trial among a cell's own results lets expect; `undefined` before it was made. */
export function readLightLook(own: readonly TrialResult[], experiment: Experiment): LightLook | undefined {
  const light = own.find(({ state, trial }) => state === 'completed' && trial.purpose === 'light');
  if (light?.state !== 'completed' || light.measurement.responseTimeFromSend.count === 0) return undefined;
  const known = looks.get(light.measurement);
  if (known?.experiment === experiment) return known.look;
  const look = lookAt(light.trial, light.measurement, experiment);
  looks.set(light.measurement, { experiment, look });
  return look;
}

function lookAt(trial: Trial, measurement: Measurement, { cpus }: Experiment): LightLook {
  const { responseTimeFromSend } = measurement;
  const mean = meanOf(responseTimeFromSend);
  return {
    saturation:
      findSaturation(trial, measurement, cpus)?.load ??
      (trial.load.model === 'open' ? trial.load.arrivalRate : 1 / mean),
    responseTime: mean,
    burstiness: 1 + Math.min(MOST_VARIATION, varianceOf(responseTimeFromSend) / mean ** 2),
    requests: responseTimeFromSend.count,
    throughput: measurement.throughput,
    cpu: cpuPerRequest(measurement),
    ...(trial.cell.deployment.hidden && { hidden: true }),
  };
}

/** CPUs that k6 may use: half of the machine's, and at least one. */
export function generatorCpus(cpus: number): number {
  return Math.max(1, Math.floor(cpus / 2));
}

/** CPU seconds of a request, of all components together. */
export function cpuPerRequest({ serviceDemand }: Pick<Measurement, 'serviceDemand'>): Seconds {
  return total(Object.values(serviceDemand));
}

/** The overhead of k6, nginx, workers and Postgres falls about as load^−0.4 from a light load on. */
const FALL_FROM_LIGHT = 0.4;
/** Times the fall so far: the curve is flat at a light load and steeper later. */
const STEEPER = 2;
const STEEPEST = 0.5;
/** Times the light load, from which on the fall is measured rather than assumed. */
const LEAST_RISE = 3;

/** CPU seconds of a request: its own work, and an overhead that falls from this load on as load^−fall. */
interface CpuDemand {
  readonly own: Seconds;
  readonly overhead: Seconds;
  readonly fall: number;
}

function splitCpuDemand({ deployment, workload }: Cell, measurement: Measurement, light?: LightCpu): CpuDemand {
  const { throughput } = measurement;
  const demand = cpuPerRequest(measurement);
  // The own work of a hidden deployment: what does not fall away with load, as it seems at a light one.
  const asked = deployment.hidden ? Math.max(0, (light?.cpu ?? demand) - sharedWithLoad.cpu) : ownWork(workload);
  const own = Math.min(demand, asked);
  const overhead = demand - own;
  const isSeen = light !== undefined && throughput > LEAST_RISE * light.throughput && overhead > 0;
  if (!isSeen) return { own, overhead, fall: FALL_FROM_LIGHT };
  const sofar = Math.log(Math.max(0, light.cpu - own) / overhead) / Math.log(throughput / light.throughput);
  return { own, overhead, fall: Math.min(STEEPEST, Math.max(0, STEEPER * sofar)) };
}

/** The load X that uses up the CPUs, X (own + overhead (X ÷ X₀)^−fall) = c, at least that of the trial. */
function cpuLoad(
  cell: Cell,
  measurement: Measurement,
  cpus: number,
  light?: LightCpu,
): Pick<Saturation, 'load' | 'falling'> {
  const { throughput } = measurement;
  const { own, overhead, fall } = splitCpuDemand(cell, measurement, light);
  let load = cpus / (own + overhead);
  // Each step leaves less than half of the error, since the fall is at most one half.
  for (let step = 0; step < 40; step++) load = cpus / (own + overhead * (load / throughput) ** -fall);
  return { load: Math.max(throughput, load), falling: overhead / (own + overhead) };
}

/**
 * Relative change of a CPU-bound saturation ÷ relative change of the CPUs' speed c: from X D(X) = c with D ~ X^−fall,
 * X ~ c^(1 ÷ (1 − fall)).
 */
export function cpuSpeedSensitivity({ cell }: Trial, measurement: Measurement, light: LightCpu): number {
  const { own, overhead, fall } = splitCpuDemand(cell, measurement, light);
  return 1 / (1 - (fall * overhead) / (own + overhead));
}

/** The load at which each limit of a container's CPU time is used up. */
export function containerSaturations({ throughput, utilisation, serviceDemand }: Measurement) {
  return limitedContainers.flatMap(container => {
    const resource: ContainerCpus = `${container}-cpus`;
    const used = utilisation[resource];
    if (used === undefined) return [];
    return [{ resource, load: concave(throughput, used, serviceDemand[container], sharedWithLoad[container]) }];
  });
}

/** Seconds that a worker is busy for each request; NaN if none was completed, or the deployment is hidden. */
export function busyPerRequest({ workers = [] }: Measurement): Seconds {
  return total(workers.map(worker => worker.busy)) / total(workers.map(worker => worker.completed));
}

/**
 * Seconds that a request holds a database connection; NaN if none was completed. Of a hidden deployment by Little's law
 * from the connections that were seen in use: H = N ÷ X.
 */
export function holdPerRequest({ workers, connectionsInUse, throughput }: Measurement): Seconds {
  if (workers === undefined) return (connectionsInUse?.mean ?? Number.NaN) / throughput;
  return total(workers.map(worker => worker.connectionsHeld)) / total(workers.map(worker => worker.completed));
}

/** The part of all CPUs that other programs used: the kernel, the lab itself, and anything else on the machine. */
export function computeOthersShare({ utilisation, cpuShare }: Pick<Measurement, 'utilisation' | 'cpuShare'>): Fraction {
  return Object.values(cpuShare).reduce((left, share) => left - share, utilisation.cpu);
}

/** Slots ÷ service time. At light load the response time from the send is a blocking worker's service time. */
function workersLoad(trial: Trial, measurement: ToldMeasurement): PerSecond {
  const { throughput, utilisation } = measurement;
  if (!isConcurrencyLimited(trial.cell.deployment.spec)) {
    return concave(throughput, utilisation.workers, busyPerRequest(measurement), sharedWithLoad.workers);
  }
  const { slots } = deriveParallelism(trial.cell.deployment);
  return slots / (trial.purpose === 'light' ? meanOf(measurement.responseTimeFromSend) : busyPerRequest(measurement));
}

/**
 * X (1 ÷ U)^(1 ÷ β): the load at which utilisation reaches 1 if it grows as load^β. β is 1 for a request that is all
 * its own work, and ½ for one whose demand all falls: from 200/s to 4,500/s the CPU of a one-row read falls from 1.2 to
 * 0.33 ms, nearly load^(½). Straight proportion would predict less than half.
 */
export function concave(throughput: PerSecond, utilisation: number, demand: Seconds, shared: Seconds): PerSecond {
  const exponent = 1 - Math.min(1, shared / demand) / 2;
  return throughput * Math.max(1, 1 / utilisation) ** (1 / exponent);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
