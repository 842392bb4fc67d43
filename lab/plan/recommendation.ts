import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { type Resource, resourceNames } from '../../model/measurement.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import { type Bytes, type Fraction, type PerSecond, rounded } from '../../model/quantities.ts';
import { around } from '../../model/statistics.ts';
import type { Topology, TopologyName } from '../../model/topology.ts';
import type { MemoryModel } from '../simulation/service-model.ts';
import type { CapacityModel, Effort, PredictedCapacity, Prediction, StablePrediction } from './capacity-model.ts';
import type { Extrapolation } from './extrapolation.ts';
import { isMeasured } from './fitted-model.ts';
import { FORMULAS_OFF } from './formulas.ts';
import { type PlannedMachine, plannedLoad, type Question, requiredCapacity } from './question.ts';
import { findPeak, findSmallestSize, listSizeLines, type SizeLine } from './sizes.ts';

/** The smallest deployment of its topology that meets the objective. */
export interface Recommendation {
  /** On each machine. */
  readonly deployment: Deployment;
  readonly machines: number;
  /** Of one machine, at its share of the planned load. */
  readonly prediction: StablePrediction;
  /** Of one machine. */
  readonly capacity: PredictedCapacity;
  /** How far the capacity lies above what is required: 0.1 is a tenth. */
  readonly margin: Fraction;
  /** The fraction of the capacity by which the model may be off. */
  readonly error: Fraction;
  /** What saturates when the load grows. */
  readonly next: Resource;
  /** Of all machines: workers, nginx and Postgres. */
  readonly memory: Bytes;
  /** Of everything on the fullest machine of the service, with the generator where it is there. */
  readonly memoryOfOne: Bytes;
  readonly databaseConnections: number;
  readonly cost?: number;
}

/** What was not chosen, and why. */
export interface Rejection {
  readonly topology: TopologyName;
  readonly kind: 'not-measured' | 'not-simulated' | 'too-small' | 'no-memory' | 'no-room' | 'too-far';
  /** The largest considered. */
  readonly deployment?: Deployment;
  /** What would do with more memory. */
  readonly needs?: Deployment;
  readonly capacity?: PerSecond;
  /** The furthest beyond the measurements. */
  readonly extrapolation?: Extrapolation;
  /** `saturates at about 620/s: the CPUs` */
  readonly reason: string;
}

/** What a topology has to carry, on so many machines. */
interface TopologyQuestion {
  readonly question: Question;
  readonly machines: number;
  /** Of simulations; without it formulas decide. */
  readonly effort: Effort | undefined;
}

/** Effort for a recommended capacity: its chance error is small next to the model's own. */
const CAPACITY = { requests: 12_000, precision: 0.01 } as const;
/** Larger sizes to try after the smallest one found, in steps of this part of it. */
const MORE = 4;
const STEP = 0.01;

/** The smallest deployment of a topology that meets the objective, or why there is none. */
export function recommend(model: CapacityModel, spec: Topology, asked: TopologyQuestion): Recommendation | Rejection {
  const { question, machines, effort } = asked;
  const topology = spec.name;
  if (!isMeasured(model.fitted, spec)) {
    return { topology, kind: 'not-measured', reason: 'was not measured in this run' };
  }
  if (!canBeSimulated(deploymentOf(spec, model.machine.cpus))) {
    return { topology, kind: 'not-simulated', reason: 'has workers that cannot be simulated' };
  }
  const arrivalRate = requiredCapacity(question) / machines;
  const lines = listSizeLines(spec, model.machine);
  const smallest = findSmallestSize(model, lines, { workload: question.workload, arrivalRate, effort });
  const found = smallest && sizeUp(model, smallest.line, smallest.size, asked);
  if (found === undefined) return rejectTooSmall(model, spec, asked);
  const { memory } = question.machine;
  if (memory === undefined || found.memoryOfOne <= memory) return found;
  const [needed, there] = [found.memoryOfOne, memory].map(bytes => rounded(bytes / 1e6));
  const reason = `needs ${needed} MB of memory, and a machine has ${there} MB`;
  return { topology, kind: 'no-memory', needs: found.deployment, reason };
}

/** A longer look at the capacity may ask for a slightly larger size. */
function sizeUp(
  model: CapacityModel,
  { at, most, step }: SizeLine,
  size: number,
  asked: TopologyQuestion,
): Recommendation | undefined {
  let last: Recommendation | undefined;
  const stride = step * Math.max(1, Math.round((STEP * size) / step));
  for (let next = size; next <= Math.min(most, size + MORE * stride); next += stride) {
    last = assess(model, at(next), asked) ?? last;
    if (last !== undefined && last.margin >= 0) break;
  }
  return last;
}

/** `undefined` where a longer look finds that the load is not carried. */
function assess(
  model: CapacityModel,
  deployment: Deployment,
  { question, machines, effort }: TopologyQuestion,
): Recommendation | undefined {
  const { workload, prices, machine } = question;
  const load = { model: 'open', arrivalRate: plannedLoad(question) / machines } as const;
  const prediction = effort
    ? model.predict(deployment, workload, load, effort)
    : model.estimate(deployment, workload, load);
  if (prediction.state === 'unstable') return undefined;
  const byFormulas = () => around(model.estimatedCapacity(deployment, workload), model.spreadOf(deployment, workload));
  const capacity = effort
    ? model.capacityOf(deployment, workload, { ...CAPACITY, seed: effort.seed })
    : { ...byFormulas(), bottleneck: prediction.bottleneck };
  if (capacity.estimate === 0) return undefined;
  const { memory, memoryOfOne } = totalMemory(prediction, deployment, machines, machine, model.fitted.service.memory);
  const databaseConnections = machines * deployment.databaseConnections;
  // Several machines need one more for their Postgres.
  const paid = machines === 1 ? 1 : machines + 1;
  return {
    ...{ deployment, machines, prediction, capacity, memory, memoryOfOne, databaseConnections },
    margin: (capacity.estimate * machines) / requiredCapacity(question) - 1,
    error: capacity.high / capacity.estimate - 1,
    next: capacity.bottleneck,
    ...(prices && {
      cost: paid * prices.machine + (memory / 1e9) * prices.gigabyte + databaseConnections * prices.databaseConnection,
    }),
  };
}

/** Memory over so many machines; several share one Postgres on another machine. */
export function totalMemory(
  { memory: { nginx, workers, postgres, k6 } }: Pick<Prediction, 'memory'>,
  { databaseConnections }: Deployment,
  machines: number,
  { generator }: PlannedMachine,
  { databaseConnection }: MemoryModel,
): Pick<Recommendation, 'memory' | 'memoryOfOne'> {
  const each = nginx + workers;
  const database = postgres + (machines - 1) * databaseConnections * databaseConnection;
  return {
    memory: machines * each + database,
    memoryOfOne: each + (machines === 1 ? database : 0) + (generator === 'here' ? k6 : 0),
  };
}

function rejectTooSmall(model: CapacityModel, spec: Topology, asked: TopologyQuestion): Rejection {
  const { question, machines, effort } = asked;
  const { workload } = question;
  const topology = spec.name;
  const last = listSizeLines(spec, model.machine).at(-1);
  if (last === undefined) {
    return { topology, kind: 'no-room', reason: 'needs more database connections than there are' };
  }
  const deployment = last.at(findPeak(model, last, workload));
  const required = requiredCapacity(question) / machines;
  const estimate = model.estimatedCapacity(deployment, workload);
  const capacity =
    effort && estimate * FORMULAS_OFF > required
      ? model.capacityOf(deployment, workload, { ...CAPACITY, seed: effort.seed }).estimate
      : estimate;
  const { bottleneck } = model.estimate(deployment, workload, { model: 'open', arrivalRate: required });
  const reason =
    capacity === 0
      ? 'meets the objective at no load'
      : `saturates at about ${rounded(capacity)}/s: ${resourceNames[bottleneck].phrase}`;
  return { topology, kind: 'too-small', deployment, capacity, reason };
}
