import { deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Experiment, Workload } from '../../../model/experiment.ts';
import { canBeSimulated, requireSimulated } from '../../../model/parallelism.ts';
import { milliseconds, quantileName } from '../../../model/quantities.ts';
import { CapacityModel } from '../../plan/capacity-model.ts';
import type { Extrapolation } from '../../plan/extrapolation.ts';
import { type FittedModel, isMeasured } from '../../plan/fitted-model.ts';
import { listCandidates, type Question } from '../../plan/question.ts';
import { listSizeLines, type SizeLine } from '../../plan/sizes.ts';
import { deriveRequirements, meanPerRequest, type Requirements } from '../../simulation/service-model.ts';
import { shownExtrapolation } from './plan-words.ts';

/** Refuses a run whose deployments are all hidden. */
export function requireToldCells({ name, cells }: Pick<Experiment, 'name' | 'cells'>): void {
  if (cells.length === 0 || cells.some(({ deployment }) => !deployment.hidden)) return;
  throw new LoadlineError(
    'deployments-hidden',
    `All deployments of ${name} are hidden, and a plan needs what workers report. Plan with another run, or measure one of them without hidden: true.`,
  );
}

/** Refuses a run without a trial that a model can be fitted to. */
export function requireTrials({ measured, run }: FittedModel): void {
  if (measured.trials > 0) return;
  throw missing(`${run} has no completed trial that a model can be fitted to`, './loadline compare quick');
}

/**
 * Refuses topologies that cannot be simulated, a run without the measurements that the question needs, and an objective
 * that cannot be met at any load.
 */
export function requireMeasured(fitted: FittedModel, question: Question): void {
  const { measured, run } = fitted;
  const candidates = listCandidates(fitted, question);
  const deployments = candidates.map(topology => deploymentOf(topology, question.machine.cpus));
  if (!deployments.some(canBeSimulated)) for (const deployment of deployments) requireSimulated(deployment);
  if (!candidates.some(topology => isMeasured(fitted, topology))) {
    const apps = [...new Set(candidates.map(({ app }) => app))];
    const topologies = candidates.map(({ name }) => name);
    throw missing(
      `${run} has no trial of ${topologies.join(' or ')} (${apps.join(', ')}), or only hidden ones; it has trials of ${measured.apps.join(' and ')}`,
      './loadline compare FILE',
      `with ${topologies.join(', ')} among its deployments`,
    );
  }
  requireKnownRequests(fitted, question.workload);
  requirePossibleObjective(fitted, question);
}

/** Refuses a question further beyond the measurements than the model is trusted. */
export function requireTrusted(
  { run, measured }: FittedModel,
  extrapolations: readonly Extrapolation[],
  of: string,
): void {
  const tooFar = extrapolations.filter(one => one.tooFar);
  if (tooFar.length === 0) return;
  throw new LoadlineError(
    'extrapolated-too-far',
    [
      `${of} lies too far beyond what ${run} (${measured.trials} trials) measured:`,
      ...tooFar.map(one => `  ${shownExtrapolation(one)}`),
      'Measure nearer to it: ./loadline compare FILE, with such a size, wait or machine in the experiment.',
      'Or add --extrapolate: the answer is then a guess.',
    ].join('\n'),
  );
}

function requireKnownRequests({ measured, service, workloads, run }: FittedModel, workload: Workload): void {
  const requirements = deriveRequirements(workload, service);
  const isObserved = ({ name }: Workload) => measured.cells.some(cell => cell.startsWith(`${name} on `));
  const statements = workloads.filter(isObserved).map(one => meanStatements(deriveRequirements(one, service)));
  const named = `${run} has no completed trial of a workload with`;
  const add = (request: string) => `with { requests: [${request}] } among its workloads`;
  if (requirements.some(({ wait }) => wait > 0) && measured.wait.most === 0) {
    throw missing(
      `${workload.name} waits in the database, and ${named} such a wait`,
      './loadline compare FILE',
      add('{ route: wait, parameters: { ms: 20 } }'),
    );
  }
  if (requirements.some(({ cpuSeconds }) => cpuSeconds > 0) && measured.cpuWork.most === 0) {
    throw missing(
      `${workload.name} computes, and ${named} CPU work`,
      './loadline compare FILE',
      add('{ route: cpu, parameters: { cpuSeconds: 0.005 } }'),
    );
  }
  if (meanStatements(requirements) > 0 && Math.max(0, ...statements) === 0) {
    throw missing(
      `${workload.name} asks the database, and ${named} database statements`,
      './loadline compare FILE',
      add('{ route: item, parameters: { id: 42 } }'),
    );
  }
}

function meanStatements(requirements: readonly Requirements[]): number {
  return meanPerRequest(requirements, ({ statements }) => statements);
}

/** One request in a quarter of an hour. */
const LIGHT = { model: 'open', arrivalRate: 0.001 } as const;

function requirePossibleObjective(fitted: FittedModel, question: Question): void {
  const { workload, machine, objective } = question;
  const model = new CapacityModel(fitted, machine, objective);
  const asked = listCandidates(fitted, question).filter(topology => isMeasured(fitted, topology));
  const lines = asked.flatMap(topology => listSizeLines(topology, machine).slice(0, 1));
  const quickestFirst = lines
    .flatMap(line => {
      // At a light load each request takes more CPU than at a heavier one, where the objective may still be met.
      if (model.estimatedCapacity(line.at(moderate(line)), workload) > 0) return [];
      const prediction = model.estimate(line.at(line.least), workload, LIGHT);
      return prediction.state === 'stable' ? [{ topology: line.topology, times: prediction.responseTime }] : [];
    })
    .toSorted((a, b) => a.times.overObjective - b.times.overObjective || a.times.atObjective - b.times.atObjective);
  const [quickest] = quickestFirst;
  // One topology that meets it at some load is enough.
  if (quickest === undefined || quickestFirst.length < lines.length) return;
  const quantile = quantileName(objective.quantile);
  const alone = milliseconds(quickest.times.atObjective);
  const fitting = Number((4000 * quickest.times.atObjective).toPrecision(1));
  throw new LoadlineError(
    'objective-below-service-time',
    `No load can meet ${quantile} ≤ ${milliseconds(objective.responseTime)} ms: a request of ${workload.name} takes ` +
      `${quantile} ${alone} ms when it is alone (${quickest.topology}, the fastest). Ask for more, such as --objective ${quantile}=${fitting}ms.`,
  );
}

/** A size of medium capacity. */
function moderate({ least, most, step }: SizeLine): number {
  return Math.min(most, least + 15 * step);
}

function missing(what: string, command: string, how?: string): LoadlineError {
  return new LoadlineError(
    'measurement-missing',
    `${what}. To measure it: ${command}${how === undefined ? '' : `, ${how}`}.`,
  );
}
