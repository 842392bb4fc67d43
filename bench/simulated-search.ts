import { findInvalidReason } from '../lab/run/validity.ts';
import { findCapacity } from '../lab/search/capacity.ts';
import { nextBlock } from '../lab/search/next-block.ts';
import { readLightLook } from '../lab/search/saturation.ts';
import { seededRandom } from '../lab/search/seeded.ts';
import { capacityPhases, lightTrial } from '../lab/search/trial-plan.ts';
import { isFailureCertain, judgeTrial } from '../lab/search/verdict.ts';
import {
  type CpuDemand,
  mapWorkers,
  measuredService,
  type ServiceModel,
  type WorkerDemand,
} from '../lab/simulation/service-model.ts';
import { drawSlowness, simulateTrial } from '../lab/simulation/simulate-trial.ts';
import { deploymentOf } from '../model/deployment.ts';
import type { Cell, Experiment, Noise, Trial, Workload } from '../model/experiment.ts';
import type { TrialResult } from '../model/measurement.ts';
import type { PerSecond, Seconds } from '../model/quantities.ts';
import type { TopologyName } from '../model/topology.ts';

/** What a search found, and the seconds of load that it took. */
export interface Found {
  readonly low: PerSecond;
  readonly estimate: PerSecond;
  readonly high: PerSecond;
  readonly seconds: Seconds;
}

/** A trial on a simulated machine with the experiment's noise; with `stopsEarly` as soon as its outcome is certain. */
function simulated(trial: Trial, experiment: Experiment, model: ServiceModel, stopsEarly: boolean): TrialResult {
  const { objective, cpus } = experiment;
  const { measurement, elapsed } = simulateTrial(trial, model, {
    cpus,
    objective: objective.responseTime,
    slowness: drawSlowness(trial, experiment),
    onProgress: progress => (stopsEarly && isFailureCertain(progress, trial, objective) ? 'stop' : 'go-on'),
  });
  const reason = findInvalidReason(measurement, trial, experiment);
  return reason
    ? { state: 'invalid', trial, elapsed, measurement, reason }
    : { state: 'completed', trial, elapsed, measurement };
}

/**
 * Loadline's own search of the experiment's one cell, on a machine with this noise, whatever the experiment believes;
 * `undefined` when it ends without an interval.
 */
export function loadlineSearch(experiment: Experiment, noise: Noise, model: ServiceModel): Found | undefined {
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    results.push(simulated(trial, { ...experiment, noise }, model, true));
  }
  const [cell] = experiment.cells;
  const capacity = cell && findCapacity(cell, results, experiment);
  if (capacity?.state !== 'bracketed') return undefined;
  const { low, estimate, high } = capacity;
  return { low, estimate, high, seconds: results.reduce((sum, { elapsed }) => sum + elapsed, 0) };
}

/** A cell to search for the capacity of, on a machine with so many CPUs. */
export interface SearchCase {
  readonly cell: Cell;
  readonly cpus: number;
  readonly model: ServiceModel;
}

const wait: Workload = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] };
const cpu: Workload = { name: 'cpu', requests: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }] };
const longWait: Workload = { name: 'wait-100', requests: [{ weight: 1, route: 'wait', parameters: { ms: 100 } }] };
const mixed: Workload = {
  name: 'mixed',
  requests: [
    { weight: 9, route: 'item', parameters: { id: 7 } },
    { weight: 1, route: 'work', parameters: { cpuSeconds: 0.02, ms: 20, reads: 1 } },
  ],
};

/** Pools and loops, limited by workers, by connections and by CPUs, from tens to thousands of requests a second. */
export const searchCases: readonly SearchCase[] = [
  of('sync', wait, 2),
  of('threads', wait, 2),
  of('async', wait, 2),
  of('hybrid', wait, 2, { databaseConnections: 10 }),
  of('sync', cpu, 2),
  of('async', cpu, 2),
  of('hybrid', cpu, 4),
  of('sync-threads', longWait, 4),
  of('threads', mixed, 4),
  of('hybrid', mixed, 2),
];

/** CPU seconds of everything beside the work that is asked for, as a multiple of `measuredService`. */
const SLOW = 1.7;

/**
 * A machine whose CPUs are nearly used up at 1,800/s, with k6 on them: two event loops, late where the CPUs are full.
 * As measured in containers on two cores, where `hybrid` was offered 2,123/s (completed, CPUs busy, k6's share of them,
 * p99 of the lag): 1,543 to 1,808/s, 87 to 93 %, 32 to 35 %, 36 to 94 ms. This model, offered 2,100/s: 1,820/s, 93 %,
 * 34 %, 54 ms, before k6 was limited to half of the CPUs.
 */
const laggingService: ServiceModel = { ...slowed(measuredService, SLOW), sources: 2 };

/** Deployments beside a generator that is late, the last three of which use up the CPUs that it shares. */
export const laggingCases: readonly SearchCase[] = [
  of('sync', wait, 2),
  of('threads', wait, 2),
  of('async', wait, 2),
  of('hybrid', wait, 2),
  of('hybrid', wait, 2, { databaseConnections: 80 }),
  of('hybrid', cpu, 2),
].map(one => ({ ...one, model: laggingService }));

function slowed(model: ServiceModel, times: number): ServiceModel {
  const cpu = ({ light, least, half }: CpuDemand) => ({ light: light * times, least: least * times, half });
  const worker = ({ request, statement }: WorkerDemand) => ({ request: cpu(request), statement: cpu(statement) });
  return {
    ...model,
    nginx: cpu(model.nginx),
    k6: cpu(model.k6),
    postgres: cpu(model.postgres),
    workers: mapWorkers(model, worker),
  };
}

function of(
  topology: TopologyName,
  workload: Workload,
  cpus: number,
  chosen: Parameters<typeof deploymentOf>[2] = {},
): SearchCase {
  return { cell: { deployment: deploymentOf(topology, cpus, chosen), workload }, cpus, model: measuredService };
}

/** More trials than this mean that nothing is found. */
const MOST_TRIALS = 40;

/**
 * The adaptive method of Nighthawk (envoyproxy/nighthawk, its exponential search step controller): the load is doubled
 * while it is carried, or halved until it is, and then bisected until high ÷ low ≤ `precision`. It starts where
 * Loadline's search does, from half of what a light look lets expect, and its trials are as long, but for that first
 * one, which Loadline makes a shorter one. Nighthawk's trials do not stop early; with `stopsEarly` these do.
 */
export function doublingAndBisecting(
  experiment: Experiment,
  model: ServiceModel,
  precision: number,
  stopsEarly: boolean,
): Found | undefined {
  const [cell] = experiment.cells;
  if (cell === undefined) return undefined;
  const random = seededRandom(experiment.seed);
  const results: TrialResult[] = [];
  const run = (load: Pick<Trial, 'purpose' | 'load' | 'phases'>): TrialResult => {
    const position = results.length;
    const trial = { id: `t${position}`, cell, ...load, seed: Math.floor(random() * 2 ** 31), block: 1, position };
    const result = simulated(trial, experiment, model, stopsEarly);
    results.push(result);
    return result;
  };
  const isCarried = (arrivalRate: PerSecond): boolean => {
    const phases = capacityPhases(arrivalRate, experiment);
    const result = run({ purpose: 'capacity', load: { model: 'open', arrivalRate }, phases });
    return result.state === 'completed' && judgeTrial(result.trial, result.measurement, experiment.objective).met;
  };

  run({ purpose: 'light', ...lightTrial(cell, experiment) });
  const light = readLightLook(results, experiment);
  if (light === undefined) return undefined;
  let low: PerSecond | undefined;
  let high: PerSecond | undefined;
  for (let load = light.saturation / 2; results.length < MOST_TRIALS; ) {
    if (isCarried(load)) low = load;
    else high = load;
    if (low !== undefined && high !== undefined) {
      if (high / low <= precision) {
        const seconds = results.reduce((sum, { elapsed }) => sum + elapsed, 0);
        return { low, estimate: Math.sqrt(low * high), high, seconds };
      }
      load = (low + high) / 2;
    } else load = high === undefined ? load * 2 : load / 2;
  }
  return undefined;
}
