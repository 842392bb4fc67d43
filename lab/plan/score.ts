import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { type Cell, cellName, isModelled } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import {
  around,
  deviationOf,
  geometricInterval,
  type Interval,
  mean,
  median,
  studentT,
} from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { findCapacity } from '../search/capacity.ts';
import { selectResults } from '../search/load-curve.ts';
import { deriveRequirements } from '../simulation/service-model.ts';
import { CapacityModel, type OpenLoadAt } from './capacity-model.ts';
import { fitModel, type Measured } from './fit.ts';
import { type FigureScore, isMeasured, type ModelScore } from './fitted-model.ts';
import { measuredMachine } from './question.ts';

/** Errors of a model that is fitted to a part of a run, on the rest. */
export interface RunScore {
  readonly summary: ModelScore;
  readonly figures: readonly ScoredFigure[];
  readonly questions: readonly SizeQuestion[];
}

/** One figure that was predicted and measured. */
export interface ScoredFigure {
  /** `wait on sync-2x1-2` */
  readonly cell: string;
  readonly figure: FigureScore['figure'];
  /** At which a p99 was measured. */
  readonly arrivalRate?: PerSecond;
  /** Each with its 95 % interval. */
  readonly predicted: Interval;
  readonly measured: Interval;
  /** predicted ÷ measured − 1 */
  readonly error: Fraction;
  /** The part of the error, without its sign, beyond the combined interval. */
  readonly beyond: Fraction;
}

/** Which of the measured sizes is the smallest that carries a load. */
export interface SizeQuestion {
  readonly workload: string;
  readonly arrivalRate: PerSecond;
  /** Names of deployments, the smallest first. */
  readonly sizes: readonly string[];
  readonly predicted: string;
  readonly measured: string;
  readonly right: boolean;
}

type Completed = Extract<TrialResult, { state: 'completed' }>;

/** Parts of the capacity between which a response time is scored. */
const LEAST_PART: Fraction = 0.6;
const MOST_PART: Fraction = 0.8;
const REPLICATIONS = 6;
const SEED = 1;

/** Simulated requests of a response time, in each of six replications, and of a capacity. */
interface ScoreEffort {
  readonly times: number;
  readonly capacity: number;
}

/**
 * Predicts cells that the model has not seen: those that the experiment holds out or, where it names none, each cell in
 * turn. A measured capacity has the interval of the run, a p99 that of its trials.
 */
export function scoreRun(run: Measured, effort: ScoreEffort = { times: 20_000, capacity: 60_000 }): RunScore {
  const { heldOut } = run.experiment;
  const cells = run.experiment.cells.filter(isModelled);
  const measured = { ...run, experiment: { ...run.experiment, cells } };
  const names = cells.map(cellName);
  const fitWithout = (left: readonly string[]) =>
    new CapacityModel(
      fitModel(measured, name => !left.includes(name)),
      measuredMachine(run.experiment.cpus),
    );
  const together = heldOut && fitWithout(heldOut);
  const known = cells.flatMap(cell => {
    const name = cellName(cell);
    if (heldOut !== undefined && !heldOut.includes(name)) return [];
    const model = together ?? fitWithout([name]);
    return isKnown(cell, model) ? [{ cell, model }] : [];
  });
  const figures = known.flatMap(({ cell, model }) => scoreCell(cell, model, measured, effort));
  return {
    summary: {
      by: heldOut === undefined ? 'one by one' : 'held out',
      figures: summarizeErrors(figures),
      fittedTo: names.filter(name => !heldOut?.includes(name)),
      predicted: known.map(({ cell }) => cellName(cell)),
    },
    figures,
    questions: together === undefined ? [] : askSizes(together, measured, effort.capacity),
  };
}

/** Whether the model was fitted to anything like the cell: its app, and what its requests ask for. */
function isKnown({ deployment, workload }: Cell, { fitted }: CapacityModel): boolean {
  const { measured, service } = fitted;
  const requirements = deriveRequirements(workload, service);
  return (
    isMeasured(fitted, deployment.spec) &&
    (measured.wait.most > 0 || requirements.every(({ wait }) => wait === 0)) &&
    (measured.cpuWork.most > 0 || requirements.every(({ cpuSeconds }) => cpuSeconds === 0))
  );
}

type Load = Parameters<CapacityModel['simulate']>[2];
type Simulate = (load: Load) => ReturnType<CapacityModel['simulate']>;

/** The figures of one cell: its capacity, the p99 well below it, and the throughput of users. */
function scoreCell(
  cell: Cell,
  model: CapacityModel,
  { experiment, results }: Measured,
  effort: ScoreEffort,
): ScoredFigure[] {
  const { deployment, workload } = cell;
  const name = cellName(cell);
  const spread = model.spreadOf(deployment, workload);
  const simulate: Simulate = load =>
    model.simulate(deployment, workload, load, { requests: effort.times, replications: REPLICATIONS, seed: SEED });
  const own = selectResults(cell, results);
  const capacity = findCapacity(cell, own, experiment);
  const completed = own.filter((result): result is Completed => result.state === 'completed');
  const users = completed.filter(({ trial }) => trial.load.model === 'closed');
  const throughputs = groupByLoad(users).flatMap(trials => {
    const load = trials[0]?.trial.load;
    if (load?.model !== 'closed') return [];
    const noise = (1.96 * experiment.noise.betweenTrials) / Math.sqrt(trials.length);
    const measured = around(mean(trials.map(({ measurement }) => measurement.throughput)), Math.exp(noise));
    return [scoreFigure(name, 'throughput of users', around(simulate(load).throughput, spread), measured)];
  });
  if (capacity.state !== 'bracketed') return throughputs;
  const predicted = model.capacityOf(deployment, workload, { requests: effort.capacity, seed: SEED });
  const trials = findScoredTrials(completed, capacity.estimate);
  const load = trials[0]?.trial.load;
  const times = trials.map(({ measurement }) => quantile(measurement.responseTime, model.objective.quantile));
  return [
    scoreFigure(name, 'capacity', predicted, capacity),
    ...(trials.length >= 2 && load?.model === 'open'
      ? [scoreFigure(name, 'p99', predictTime(load, simulate, spread), geometricInterval(times), load.arrivalRate)]
      : []),
    ...throughputs,
  ];
}

/** The trials of the load that was measured most often well below capacity. */
function findScoredTrials(completed: readonly Completed[], capacity: PerSecond): Completed[] {
  const near = completed.filter(({ trial: { load, purpose } }) => {
    if (load.model !== 'open' || purpose === 'claim') return false;
    return load.arrivalRate >= LEAST_PART * capacity && load.arrivalRate <= MOST_PART * capacity;
  });
  return groupByLoad(near).sort((a, b) => b.length - a.length)[0] ?? [];
}

/** Its interval: the chance in the simulation, and its change when the load is off by as much as the capacity may be. */
function predictTime({ arrivalRate }: OpenLoadAt, simulate: Simulate, spread: number): Interval {
  const middle = simulate({ model: 'open', arrivalRate });
  const estimate = middle.responseTime.atObjective;
  const logs = middle.atObjective.map(Math.log);
  const chance = (studentT(0.975, logs.length - 1) * deviationOf(logs)) / Math.sqrt(logs.length);
  const change = (times: number) => {
    const { responseTime } = simulate({ model: 'open', arrivalRate: arrivalRate * times });
    return Math.abs(Math.log(responseTime.atObjective / estimate));
  };
  return {
    estimate,
    low: estimate * Math.exp(-Math.hypot(chance, change(1 / spread))),
    high: estimate * Math.exp(Math.hypot(chance, change(spread))),
  };
}

function groupByLoad(trials: readonly Completed[]): Completed[][] {
  return [...Map.groupBy(trials, ({ trial }) => JSON.stringify(trial.load)).values()];
}

/** Compares a prediction with a measurement on the log scale, where widths add up as those of independent errors. */
export function scoreFigure(
  cell: string,
  figure: ScoredFigure['figure'],
  predicted: Interval,
  measured: Interval,
  arrivalRate?: PerSecond,
): ScoredFigure {
  const known = { cell, figure, predicted, measured, ...(arrivalRate !== undefined && { arrivalRate }) };
  if (predicted.estimate === 0) return { ...known, error: -1, beyond: 1 };
  const off = Math.log(predicted.estimate / measured.estimate);
  // Above what was measured the prediction's lower end and the measurement's upper one may meet.
  const width =
    off > 0
      ? Math.hypot(Math.log(predicted.estimate / predicted.low), Math.log(measured.high / measured.estimate))
      : Math.hypot(Math.log(predicted.high / predicted.estimate), Math.log(measured.estimate / measured.low));
  const error = predicted.estimate / measured.estimate - 1;
  return { ...known, error, beyond: Math.expm1(Math.max(0, Math.abs(off) - width)) };
}

/** Median and largest error of each kind of figure. */
export function summarizeErrors(figures: readonly ScoredFigure[]): FigureScore[] {
  const summarize = (errors: readonly Fraction[]) => ({ median: median(errors), most: Math.max(...errors) });
  return [...Map.groupBy(figures, ({ figure }) => figure)].map(([figure, own]) => ({
    figure,
    predictions: own.length,
    plain: summarize(own.map(({ error }) => Math.abs(error))),
    beyond: summarize(own.map(({ beyond }) => beyond)),
  }));
}

/**
 * A question for each gap between the measured capacities of sizes of one topology, at a load outside of their intervals, so
 * that the right answer is known. `requests`: simulated for each capacity.
 */
function askSizes(model: CapacityModel, { experiment, results }: Measured, requests: number): SizeQuestion[] {
  const measured = experiment.cells.flatMap(cell => {
    const capacity = findCapacity(cell, results, experiment);
    return capacity.state === 'bracketed' ? [{ cell, low: capacity.low, high: capacity.high }] : [];
  });
  const families = Map.groupBy(measured, ({ cell }) => nameFamily(cell)).values();
  return [...families].flatMap(all => {
    const family = all.sort((a, b) => sumSizes(a.cell.deployment) - sumSizes(b.cell.deployment));
    const sizes = family.map(({ cell }) => deploymentName(cell.deployment));
    const predicted = family.map(({ cell }) =>
      family.length < 2 ? 0 : model.capacityOf(cell.deployment, cell.workload, { requests, seed: SEED }).estimate,
    );
    return family.flatMap(({ cell, low }, index): SizeQuestion[] => {
      const smaller = Math.max(...family.slice(0, index).map(({ high }) => high));
      if (index === 0 || smaller >= low) return [];
      const arrivalRate = Math.sqrt(smaller * low);
      const answer = sizes[predicted.findIndex(capacity => capacity >= arrivalRate)] ?? 'none of them';
      const right = sizes[index] ?? '';
      const asked = { workload: cell.workload.name, arrivalRate, sizes };
      return [{ ...asked, predicted: answer, measured: right, right: answer === right }];
    });
  });
}

/** Blocking workers, or the connections of so many loops; loops where a family differs in them. */
function sumSizes(deployment: Deployment): number {
  const { spec, processes, databaseConnections } = deployment;
  return isConcurrencyLimited(spec) ? deriveParallelism(deployment).workers : processes * 10_000 + databaseConnections;
}

/** The workload and topology that sizes share; one loop and several are sizes of one thing. */
function nameFamily({ workload, deployment: { topology, spec } }: Cell): string {
  return `${workload.name} ${isConcurrencyLimited(spec) ? topology : spec.app}`;
}
