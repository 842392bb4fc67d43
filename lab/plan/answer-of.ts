import { deploymentOf } from '../../model/deployment.ts';
import { resourceNames } from '../../model/measurement.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import { rounded } from '../../model/quantities.ts';
import { around } from '../../model/statistics.ts';
import type { Topology } from '../../model/topology.ts';
import type { CapacityModel, Effort } from './capacity-model.ts';
import { FORMULAS_OFF } from './formulas.ts';
import { memoryNeeded } from './memory-needed.ts';
import { plannedLoad, type Question, requiredCapacity } from './question.ts';
import type { Recommendation, Rejection } from './recommendation.ts';
import { listSizeLines } from './size-lines.ts';
import { isMeasured, peakOf, type SmallestSize, smallestSize } from './smallest.ts';

/** What is asked of a topology: to carry a question's load on so many machines. */
export interface AskedOfTopology {
  readonly question: Question;
  readonly machines: number;
  /** Of simulations; without it formulas decide. */
  readonly effort: Effort | undefined;
}

/** Of the capacities of what is recommended: what they are off by chance is small beside the model's own error. */
const CAPACITY = { requests: 12_000, precision: 0.01 } as const;
/** Steps beyond the smallest that is found which a longer look may ask for, each of this part of it or of one. */
const MORE = 4;
const STEP = 0.01;

/** The smallest deployment of a topology that does, or why there is none. */
export function answerOf(model: CapacityModel, spec: Topology, asked: AskedOfTopology): Recommendation | Rejection {
  const { question, machines, effort } = asked;
  const topology = spec.name;
  if (!isMeasured(model.fitted, spec)) {
    return { topology, kind: 'not-measured', reason: 'was not measured in this run' };
  }
  if (!canBeSimulated(deploymentOf(spec, model.machine.cpus))) {
    return { topology, kind: 'not-simulated', reason: 'has workers that the simulation does not know' };
  }
  const lines = listSizeLines(spec, model.machine);
  const arrivalRate = requiredCapacity(question) / machines;
  const smallest = smallestSize(model, lines, { workload: question.workload, arrivalRate, ...(effort && { effort }) });
  const answer = smallest && enoughOf(model, smallest, asked);
  if (answer === undefined) return tooSmall(model, spec, asked);
  const limit = question.machine.memory;
  if (limit !== undefined && answer.memoryOfOne > limit) {
    const [needed, there] = [answer.memoryOfOne, limit].map(bytes => rounded(bytes / 1e6));
    const reason = `needs ${needed} MB of memory, and a machine has ${there} MB`;
    return { topology, kind: 'no-memory', needs: answer.deployment, reason };
  }
  return answer;
}

/** Next to the objective a few percent decide, and a longer look at the capacity may ask for a size more. */
function enoughOf(
  model: CapacityModel,
  { line, size }: SmallestSize,
  asked: AskedOfTopology,
): Recommendation | undefined {
  let last: Recommendation | undefined;
  const stride = line.step * Math.max(1, Math.round((STEP * size) / line.step));
  for (let step = 0; step <= MORE; step++) {
    const next = size + step * stride;
    if (next > line.most) break;
    last = recommendationOf(model, { line, size: next }, asked) ?? last;
    if (last !== undefined && last.margin >= 0) break;
  }
  return last;
}

/** `undefined` where what was found at a glance is no more than that. */
function recommendationOf(
  model: CapacityModel,
  { line, size }: Pick<SmallestSize, 'line' | 'size'>,
  { question, machines, effort }: AskedOfTopology,
): Recommendation | undefined {
  const deployment = line.at(size);
  const { workload, prices, machine } = question;
  const load = { model: 'open', arrivalRate: plannedLoad(question) / machines } as const;
  const prediction = effort
    ? model.predict(deployment, workload, load, effort)
    : model.estimate(deployment, workload, load);
  if (prediction.state === 'unstable') return undefined;
  const capacity = effort
    ? model.capacityOf(deployment, workload, { ...CAPACITY, seed: effort.seed })
    : {
        ...around(model.estimatedCapacity(deployment, workload), model.spreadOf(deployment, workload)),
        bottleneck: prediction.bottleneck,
      };
  if (capacity.estimate === 0) return undefined;
  const { memory } = model.fitted.service;
  const { inAll, onOne } = memoryNeeded(prediction.memory, deployment.databaseConnections, machines, machine, memory);
  const databaseConnections = machines * deployment.databaseConnections;
  // One Postgres before which several machines stand has a machine of its own.
  const paid = machines === 1 ? 1 : machines + 1;
  return {
    ...{ deployment, machines, prediction, capacity, memory: inAll, memoryOfOne: onOne, databaseConnections },
    margin: (capacity.estimate * machines) / requiredCapacity(question) - 1,
    error: capacity.high / capacity.estimate - 1,
    next: capacity.bottleneck,
    ...(prices && {
      cost: paid * prices.machine + (inAll / 1e9) * prices.gigabyte + databaseConnections * prices.databaseConnection,
    }),
  };
}

function tooSmall(model: CapacityModel, spec: Topology, { question, machines, effort }: AskedOfTopology): Rejection {
  const topology = spec.name;
  const last = listSizeLines(spec, model.machine).at(-1);
  if (last === undefined) {
    return { topology, kind: 'no-room', reason: 'does not fit into the database connections that there are' };
  }
  const { workload } = question;
  const deployment = last.at(peakOf(model, last, workload));
  const required = requiredCapacity(question) / machines;
  const estimate = model.estimatedCapacity(deployment, workload);
  const isNear = estimate * FORMULAS_OFF > required;
  const capacity =
    effort && isNear ? model.capacityOf(deployment, workload, { ...CAPACITY, seed: effort.seed }).estimate : estimate;
  if (capacity === 0) {
    return { topology, kind: 'too-small', deployment, capacity, reason: 'meets the objective at no load' };
  }
  const { bottleneck } = model.estimate(deployment, workload, { model: 'open', arrivalRate: required });
  const reason = `gives out at about ${rounded(capacity)}/s: ${resourceNames[bottleneck].phrase}`;
  return { topology, kind: 'too-small', deployment, capacity, reason };
}
