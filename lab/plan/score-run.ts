import { type Cell, cellName, isModelled, type Load } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { around, deviationOf, geometricInterval, mean, studentT } from '../../model/statistics.ts';
import { capacityOf } from '../search/capacity.ts';
import { resultsOf } from '../search/load-curve.ts';
import { requirementsOf } from '../simulation/service-model.ts';
import { CapacityModel, type Effort } from './capacity-model.ts';
import { fitModel, type Measured } from './fit-model.ts';
import { measuredMachine } from './planned-machine.ts';
import { type ModelScore, type ScoredFigure, scored, summaryOf } from './score.ts';
import { type SizeQuestion, sizeQuestions } from './size-questions.ts';
import { isMeasured } from './smallest.ts';

/** What a model, fitted to a part of a run, says of the rest. */
export interface RunScore {
  readonly summary: ModelScore;
  readonly figures: readonly ScoredFigure[];
  /** Which number of workers is the smallest that meets the objective, as predicted and as measured. */
  readonly questions: readonly SizeQuestion[];
}

type Completed = Extract<TrialResult, { state: 'completed' }>;

/** Where it says how a service does that is well used and not used up. */
const PART: { readonly least: Fraction; readonly most: Fraction } = { least: 0.6, most: 0.8 };
/** Simulated requests of a predicted response time, and of a capacity. */
const USUAL: ScoreEffort = { times: 20_000, capacity: 60_000 };
const REPLICATIONS = 6;
const SEED = 1;

/** How many requests are simulated for a response time, six times over, and for a capacity. */
export interface ScoreEffort {
  readonly times: number;
  readonly capacity: number;
}

/**
 * Holds the model against what it has not seen: the cells that the experiment holds out or, where it names none, each
 * cell in turn. What was measured of a capacity has the interval of the run, of a p99 that of its trials.
 */
export function scoreOf(run: Measured, effort: ScoreEffort = USUAL): RunScore {
  const { heldOut } = run.experiment;
  const cells = run.experiment.cells.filter(isModelled);
  const measured = { ...run, experiment: { ...run.experiment, cells } };
  const names = cells.map(cellName);
  const models = new Map<string, CapacityModel>();
  const asked = heldOut ?? names;
  const held = new Set(asked);
  const together = heldOut === undefined ? undefined : modelWithout(measured, name => held.has(name));
  for (const name of asked) models.set(name, together ?? modelWithout(measured, other => other === name));
  const known = cells.filter(cell => {
    const model = models.get(cellName(cell));
    return model !== undefined && isKnown(cell, model);
  });
  const figures = known.flatMap(cell => figuresOf(cell, models.get(cellName(cell)) as CapacityModel, measured, effort));
  return {
    summary: {
      by: heldOut === undefined ? 'one by one' : 'held out',
      figures: summaryOf(figures),
      fittedTo: heldOut === undefined ? names : names.filter(name => !held.has(name)),
      predicted: known.map(cellName),
    },
    figures,
    questions: together === undefined ? [] : sizeQuestions(together, measured, effort.capacity),
  };
}

/** Whether the model was fitted to anything like the cell: its app, and what its requests ask for. */
function isKnown({ deployment, workload }: Cell, { fitted }: CapacityModel): boolean {
  const { measured, service } = fitted;
  const requirements = requirementsOf(workload, service);
  return (
    isMeasured(fitted, deployment.spec) &&
    (measured.wait.most > 0 || requirements.every(({ wait }) => wait === 0)) &&
    (measured.cpuWork.most > 0 || requirements.every(({ cpuSeconds }) => cpuSeconds === 0))
  );
}

function modelWithout(measured: Measured, isLeftOut: (name: string) => boolean): CapacityModel {
  const fitted = fitModel(measured, name => !isLeftOut(name));
  return new CapacityModel(fitted, measuredMachine(measured.experiment.cpus));
}

function figuresOf(cell: Cell, model: CapacityModel, measured: Measured, effort: ScoreEffort): ScoredFigure[] {
  const { experiment, results } = measured;
  const name = cellName(cell);
  const own = resultsOf(cell, results);
  const capacity = capacityOf(cell, own, experiment);
  const completed = own.filter((result): result is Completed => result.state === 'completed');
  const users = completed.filter(({ trial }) => trial.load.model === 'closed');
  return [
    ...(capacity.state === 'bracketed'
      ? [
          scored(
            name,
            'capacity',
            model.capacityOf(cell.deployment, cell.workload, { requests: effort.capacity, seed: SEED }),
            capacity,
          ),
          ...responseTimesOf(cell, model, completed, capacity.estimate, effort),
        ]
      : []),
    ...[...Map.groupBy(users, ({ trial }) => JSON.stringify(trial.load)).values()].flatMap(same =>
      throughputOf(cell, model, same, experiment.noise.betweenTrials, effort),
    ),
  ];
}

/** The p99 at the load that was measured most often well below capacity. */
function responseTimesOf(
  cell: Cell,
  model: CapacityModel,
  completed: readonly Completed[],
  capacity: PerSecond,
  effort: ScoreEffort,
): ScoredFigure[] {
  const near = completed.filter(({ trial: { load, purpose } }) => {
    if (load.model !== 'open' || purpose === 'claim') return false;
    return load.arrivalRate >= PART.least * capacity && load.arrivalRate <= PART.most * capacity;
  });
  const [trials = []] = [...Map.groupBy(near, ({ trial }) => JSON.stringify(trial.load)).values()].sort(
    (a, b) => b.length - a.length,
  );
  const load = trials[0]?.trial.load;
  if (trials.length < 2 || load?.model !== 'open') return [];
  const q = model.objective.quantile;
  const measured = geometricInterval(trials.map(({ measurement }) => quantile(measurement.responseTime, q)));
  return [scored(cellName(cell), 'p99', predictedTime(model, cell, load, effort), measured, load.arrivalRate)];
}

/**
 * The simulation's, with what it leaves to chance, and the part of the fit's uncertainty that it shows when the load is
 * as much larger or smaller as the capacity is uncertain.
 */
function predictedTime(
  model: CapacityModel,
  { deployment, workload }: Cell,
  load: Extract<Load, { model: 'open' }>,
  effort: ScoreEffort,
) {
  const at = (arrivalRate: PerSecond) =>
    model.simulate(deployment, workload, { model: 'open', arrivalRate }, lengthOf(effort));
  const middle = at(load.arrivalRate);
  const estimate = middle.responseTime.atObjective;
  const logs = middle.atObjective.map(Math.log);
  const chance = (studentT(0.975, logs.length - 1) * deviationOf(logs)) / Math.sqrt(logs.length);
  const spread = model.spreadOf(deployment, workload);
  const other = (times: number) => Math.abs(Math.log(at(load.arrivalRate * times).responseTime.atObjective / estimate));
  return {
    estimate,
    low: estimate * Math.exp(-Math.hypot(chance, other(1 / spread))),
    high: estimate * Math.exp(Math.hypot(chance, other(spread))),
  };
}

/** What so many users get through. */
function throughputOf(
  cell: Cell,
  model: CapacityModel,
  trials: readonly Completed[],
  noise: Fraction,
  effort: ScoreEffort,
): ScoredFigure[] {
  const load = trials[0]?.trial.load;
  if (load?.model !== 'closed') return [];
  const { deployment, workload } = cell;
  const estimate = model.simulate(deployment, workload, load, lengthOf(effort)).throughput;
  const spread = model.spreadOf(deployment, workload);
  const throughput = mean(trials.map(({ measurement }) => measurement.throughput));
  const measured = around(throughput, Math.exp((1.96 * noise) / Math.sqrt(trials.length)));
  return [scored(cellName(cell), 'throughput of users', around(estimate, spread), measured)];
}

function lengthOf({ times }: ScoreEffort): Effort {
  return { requests: times, replications: REPLICATIONS, seed: SEED };
}
