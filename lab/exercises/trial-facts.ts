import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type Cell, cellName, type Objective, type Workload } from '../../model/experiment.ts';
import { isTold, type ToldMeasurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { CapacityModel } from '../plan/capacity-model.ts';
import { fitModel, type Measured } from '../plan/fit.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { measuredMachine } from '../plan/question.ts';
import { capacityOf } from '../search/capacity.ts';
import { asShown } from './quantity.ts';

/** A trial with what it shows of a wait in the database. */
export interface WaitTrial {
  readonly id: string;
  readonly deployment: Deployment;
  readonly workers: number;
  readonly completed: number;
  /** Over which it was counted. */
  readonly observed: Seconds;
  /** Seconds in which workers were busy, or connections in use, added up. */
  readonly kept: Seconds;
}

/** For how long a request keeps a worker, or a connection, as a question shows it. */
export function keptPerRequest({ kept, completed }: WaitTrial): Seconds {
  return asShown(kept / completed);
}

/** What blocking processes and event loops took of memory. */
export interface MemoryFacts {
  readonly blocking: { readonly deployment: Deployment; readonly memory: Bytes };
  readonly loops: { readonly deployment: Deployment; readonly memory: Bytes };
}

/** What a pool did when more arrived than it could serve. */
export interface Overload {
  readonly throughput: PerSecond;
  /** For how long a request kept its worker then. */
  readonly kept: Seconds;
}

/** Where a trial says most of what a request needs: neither idle nor overloaded. */
const BUSY = { least: 0.3, most: 0.95 } as const;
/** Below this the CPUs hold no request up. */
const QUIET = 0.5;

/** What the exercises take from a run. */
export class TrialFacts {
  readonly #measured: Measured;
  #fitted: FittedModel | undefined;

  constructor(measured: Measured) {
    this.#measured = measured;
  }

  /** CPUs of the machine that was measured. */
  get cpus(): number {
    return this.#measured.experiment.cpus;
  }

  /** What the run held capacities against. */
  get objective(): Objective {
    return this.#measured.experiment.objective;
  }

  /** The planner's model of this service. */
  get fitted(): FittedModel {
    this.#fitted ??= fitModel(this.#measured);
    return this.#fitted;
  }

  /** The model on the machine that was measured. */
  get model(): CapacityModel {
    return new CapacityModel(this.fitted, measuredMachine(this.cpus));
  }

  /** The workload of waits in the database. */
  get waits(): Workload {
    const found = this.#measured.experiment.cells.find(isWait);
    return found?.workload ?? missing('the workload wait');
  }

  /** What one wait asks for. */
  get wait(): Seconds {
    return (this.waits.requests[0]?.parameters.ms ?? 0) / 1000;
  }

  /** Blocking processes at work, and for how long requests kept them. */
  get blockingProcesses(): WaitTrial {
    const trial = this.#mostOf(
      ({ deployment }, { utilisation }) =>
        isSync(deployment) && utilisation.workers > BUSY.least && utilisation.workers < BUSY.most,
    );
    if (trial === undefined) missing('a trial of wait on sync, neither idle nor overloaded');
    return asWait(trial, 'busy');
  }

  /** What the same processes did when more arrived than they could serve; `undefined`: nobody tried. */
  overloaded({ deployment }: WaitTrial): Overload | undefined {
    const name = deploymentName(deployment);
    const trial = this.#mostOf(
      (cell, { utilisation }) => deploymentName(cell.deployment) === name && utilisation.workers > 0.99,
    );
    if (trial === undefined) return undefined;
    const { kept, completed } = asWait(trial, 'busy');
    return completed === 0 ? undefined : { throughput: trial.measurement.throughput, kept: kept / completed };
  }

  /** Event loops that the CPUs did not hold up, and for how long requests kept their connections. */
  get connections(): WaitTrial {
    const trial = this.#mostOf(({ deployment }, { utilisation }) => isLoop(deployment) && utilisation.cpu < QUIET);
    if (trial === undefined) missing('a trial of wait on async or hybrid with CPUs to spare');
    return asWait(trial, 'connectionsHeld');
  }

  /** Memory of the most blocking processes that were measured, and of the event loops with the most connections each. */
  get memory(): MemoryFacts {
    const blocking = this.#mostOf(
      ({ deployment }) => isSync(deployment),
      cell => deriveParallelism(cell.deployment).workers,
    );
    const widest = this.#mostOf(
      ({ deployment }) => isLoop(deployment),
      ({ deployment }) => deployment.databaseConnections / deployment.processes,
    );
    if (blocking === undefined || widest === undefined)
      return missing('trials of wait on sync, and on async or hybrid');
    const name = deploymentName(widest.trial.cell.deployment);
    const loops = this.#mostOf(
      ({ deployment }) => deploymentName(deployment) === name,
      (_, { memory }) => memory.workers,
    );
    const of = ({ trial, measurement }: CompletedTrial) => ({
      deployment: trial.cell.deployment,
      memory: measurement.memory.workers,
    });
    return { blocking: of(blocking), loops: of(loops ?? widest) };
  }

  /** Event loops that were measured until they gave out: the deployment that carried least, and how much. */
  get smallestCapacity(): { readonly deployment: Deployment; readonly capacity: Interval } {
    const { experiment, results } = this.#measured;
    const found = experiment.cells.flatMap(cell => {
      if (!isWait(cell) || !isLoop(cell.deployment)) return [];
      const capacity = capacityOf(cell, results, experiment);
      return capacity.state === 'bracketed' ? [{ deployment: cell.deployment, capacity }] : [];
    });
    const least = found.sort((a, b) => a.capacity.estimate - b.capacity.estimate)[0];
    return least ?? missing('the capacity of wait on async or hybrid');
  }

  /** The completed trial of waits that fits, of those with the most of something: of requests unless it is said. */
  #mostOf(
    fits: (cell: Cell, measurement: ToldMeasurement) => boolean,
    of: (cell: Cell, measurement: ToldMeasurement) => number = (_, { completions }) => completions.byWorkers,
  ): CompletedTrial | undefined {
    const fitting = this.#measured.results.filter(
      (result): result is CompletedTrial =>
        result.state === 'completed' &&
        isTold(result.measurement) &&
        result.trial.load.model === 'open' &&
        isWait(result.trial.cell) &&
        fits(result.trial.cell, result.measurement),
    );
    return fitting.sort((a, b) => of(b.trial.cell, b.measurement) - of(a.trial.cell, a.measurement))[0];
  }
}

type CompletedTrial = Extract<TrialResult, { state: 'completed' }> & { readonly measurement: ToldMeasurement };

function isWait({ workload }: Cell): boolean {
  const [only, ...others] = workload.requests;
  return workload.name === 'wait' && only?.route === 'wait' && others.length === 0;
}

/** Processes that serve one request at a time. */
function isSync({ spec }: Deployment): boolean {
  return spec.concurrencyLimit === 1;
}

function isLoop({ spec }: Deployment): boolean {
  return !isConcurrencyLimited(spec);
}

function asWait({ trial, measurement }: CompletedTrial, kept: 'busy' | 'connectionsHeld'): WaitTrial {
  const { workers } = measurement;
  return {
    id: `${trial.id}, ${cellName(trial.cell)}`,
    deployment: trial.cell.deployment,
    workers: deriveParallelism(trial.cell.deployment).workers,
    completed: workers.reduce((sum, { completed }) => sum + completed, 0),
    observed: measurement.observed,
    kept: workers.reduce((sum, worker) => sum + worker[kept], 0),
  };
}

function missing(what: string): never {
  throw new LoadlineError(
    'results-unreadable',
    `The exercises need ${what}, which the run does not have that docs/exercises/trials.jsonl is made of. Make it of another one: node bench/exercise-trials.ts RUN`,
  );
}
