import { workOfRequest } from '../../model/contract/work.ts';
import type { Cell, Experiment, Load, Phases, Trial, Workload, WorkloadRequest } from '../../model/experiment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';

/** A trial without what its block gives it: name, seed and position. */
export type PlannedTrial = Pick<Trial, 'cell' | 'purpose' | 'load' | 'phases' | 'claim'>;

/** What a search tries: a light look, or a load. */
export type SearchLoad =
  | { readonly purpose: 'light' }
  | {
      readonly purpose: 'capacity';
      readonly arrivalRate: PerSecond;
      /** The load is surely carried, and measured to show how. */
      readonly describes: boolean;
    };

/** Arrivals that decide whether a load is carried, and that describe one which surely is. */
const DECIDING = 1000;
const DESCRIBING = 500;
/** A request is given up after this many times the objective's time. */
const PATIENCE = 10;

type Rules = Pick<Experiment, 'objective' | 'phases'>;

/** Plans a trial of a search. */
export function planSearch(cell: Cell, wanted: SearchLoad, experiment: Experiment): PlannedTrial {
  const { purpose } = wanted;
  if (purpose === 'light') return { cell, purpose, ...lightTrial(cell, experiment) };
  const { arrivalRate, describes } = wanted;
  const phases = capacityPhases(arrivalRate, experiment, describes ? DESCRIBING : DECIDING);
  return { cell, purpose, load: { model: 'open', arrivalRate }, phases };
}

/** Plans a load that is measured for its own sake. */
export function planLoad(cell: Cell, load: Load, experiment: Experiment): PlannedTrial {
  const phases = capacityPhases(load.model === 'open' ? load.arrivalRate : Number.POSITIVE_INFINITY, experiment);
  // All of a burst is scored.
  return { cell, purpose: 'load', load, phases: load.model === 'burst' ? { ...phases, warmUp: 0 } : phases };
}

/** Plans the loads that an experiment names, on every cell. */
export function planNamedLoads(experiment: Experiment): PlannedTrial[] {
  return experiment.cells.flatMap(cell => experiment.loads.map(load => planLoad(cell, load, experiment)));
}

/** The phases of a capacity trial: long enough for any overload to show. */
export function capacityPhases(arrivalRate: PerSecond, { objective, phases }: Rules, arrivals = DECIDING): Phases {
  const { responseTime } = objective;
  return {
    // Completions of the steady state belong to arrivals of about one response time before.
    warmUp: Math.max(phases.warmUp, responseTime),
    steadyState: Math.max(phases.steadyState, 20 * responseTime, arrivals / arrivalRate),
    timeLimit: PATIENCE * responseTime,
  };
}

/** The light look at a cell: a load that hardly occupies it, or one request at a time if the deployment is hidden. */
export function lightTrial(cell: Cell, { objective }: Rules): Pick<Trial, 'load' | 'phases'> {
  const phases = { warmUp: 1, steadyState: 3, timeLimit: PATIENCE * objective.responseTime };
  if (cell.deployment.hidden) return { load: { model: 'closed', users: 1, thinkTime: 0 }, phases };
  const arrivalRate = lightLoad(cell);
  // Requests that differ take a longer look.
  const enough = cell.workload.requests.length === 1 ? 10 : 160;
  return {
    load: { model: 'open', arrivalRate },
    phases: { ...phases, steadyState: Math.max(3, enough / arrivalRate) },
  };
}

/** A load that hardly occupies a told cell's slots and CPUs: 20/s, or less if a request keeps one of them for long. */
export function lightLoad({ deployment, workload }: Cell): PerSecond {
  const { slots, cpuCeiling } = deriveParallelism(deployment);
  const longest = (limited: boolean) => Math.max(...workload.requests.map(request => occupation(request, limited)));
  return Math.min(20, (0.2 * slots) / longest(true), (0.2 * cpuCeiling) / longest(false));
}

/** Seconds for which a request keeps its worker, by what it asks for. */
export function occupation(request: WorkloadRequest, limited: boolean): Seconds {
  const { computing, waiting } = workOfRequest(request);
  return (limited ? waiting : 0) + computing;
}

/** Mean CPU seconds that a request asks for. */
export function ownWork({ requests }: Workload): Seconds {
  const weights = requests.reduce((sum, { weight }) => sum + weight, 0);
  return requests.reduce((sum, request) => sum + request.weight * workOfRequest(request).computing, 0) / weights;
}
