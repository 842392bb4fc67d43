import { workOfRequest } from '../../model/contract/work.ts';
import type { Cell, Experiment, Objective, Phases, Trial, Workload, WorkloadRequest } from '../../model/experiment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';

/** After this many times the objective's time an answer is no longer waited for. */
const PATIENCE = 10;

/** The phases of a capacity trial: long enough for any overload to show, however short its first seconds look. */
export function capacityPhases(arrivalRate: PerSecond, { objective, phases }: Rules, arrivals = DECIDING): Phases {
  const { responseTime } = objective;
  return {
    // Completions of the steady state belong to arrivals of about one response time before.
    warmUp: Math.max(phases.warmUp, responseTime),
    steadyState: Math.max(phases.steadyState, 20 * responseTime, arrivals / arrivalRate),
    timeLimit: PATIENCE * responseTime,
  };
}

/** Arrivals that decide whether a load is carried, and that describe one which surely is. */
export const DECIDING = 1000;
export const DESCRIBING = 500;

/** What an experiment says of phases: the least, and the objective that they must be long enough for. */
type Rules = Pick<Experiment, 'objective' | 'phases'>;

/** The phases of a light trial: a short look at what one request takes, a longer one where requests differ. */
function lightPhases(arrivalRate: PerSecond, { requests }: Workload, { responseTime }: Objective): Phases {
  const enough = requests.length === 1 ? 10 : 160;
  return { warmUp: 1, steadyState: Math.max(3, enough / arrivalRate), timeLimit: PATIENCE * responseTime };
}

/** The light look at a cell: arrivals that hardly occupy it, or one request at a time where its work is not known. */
export function lightTrial(cell: Cell, { objective }: Rules): Pick<Trial, 'load' | 'phases'> {
  if (cell.deployment.hidden) {
    const phases = { warmUp: 1, steadyState: 3, timeLimit: PATIENCE * objective.responseTime };
    return { load: { model: 'closed', users: 1, thinkTime: 0 }, phases };
  }
  const arrivalRate = lightLoad(cell);
  return { load: { model: 'open', arrivalRate }, phases: lightPhases(arrivalRate, cell.workload, objective) };
}

/** A load that hardly occupies a told cell's slots and CPUs: 20/s, or less where one request keeps one of them for long. */
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

/** CPU seconds that a request asks for, on average. */
export function ownWork({ requests }: Workload): Seconds {
  const weights = requests.reduce((sum, { weight }) => sum + weight, 0);
  return requests.reduce((sum, request) => sum + request.weight * workOfRequest(request).computing, 0) / weights;
}
