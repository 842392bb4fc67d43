import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type Cell, cellName, type Objective, type Workload } from '../../model/experiment.ts';
import { isTold, type ToldMeasurement, type TrialResult } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { CapacityModel } from '../plan/capacity-model.ts';
import { fitModel, type Measured } from '../plan/fit-model.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { measuredMachine } from '../plan/planned-machine.ts';
import { capacityOf } from '../search/capacity.ts';
import { asShown } from './answer.ts';

/** A trial of waits in the database. */
interface WaitTrial {
  readonly id: string;
  readonly deployment: Deployment;
  readonly workers: number;
  readonly completed: number;
  /** The length of the counting. */
  readonly observed: Seconds;
  /** For how long workers were busy, or connections in use, added up. */
  readonly kept: Seconds;
}

interface DeploymentMemory {
  readonly deployment: Deployment;
  readonly memory: Bytes;
}

type CompletedTrial = Extract<TrialResult, { state: 'completed' }> & { readonly measurement: ToldMeasurement };

/** For how long a request keeps a worker or a connection, as a question shows it. */
export function keptPerRequest({ kept, completed }: WaitTrial): Seconds {
  return asShown(kept / completed);
}

/** In this range of utilisation a trial tells most about what a request needs: neither idle nor overloaded. */
const BUSY = { least: 0.3, most: 0.95 } as const;
/** Below this utilisation the CPUs delay no request. */
const QUIET = 0.5;

/** What the exercises take from a run. */
export class TrialFacts {
  readonly #measured: Measured;
  #fitted: FittedModel | undefined;

  constructor(measured: Measured) {
    this.#measured = measured;
  }

  /** CPUs of the measured machine. */
  get cpus(): number {
    return this.#measured.experiment.cpus;
  }

  get objective(): Objective {
    return this.#measured.experiment.objective;
  }

  /** The planner's model of this service. */
  get fitted(): FittedModel {
    this.#fitted ??= fitModel(this.#measured);
    return this.#fitted;
  }

  /** The model on the measured machine. */
  get model(): CapacityModel {
    return new CapacityModel(this.fitted, measuredMachine(this.cpus));
  }

  /** The workload of waits in the database. */
  get waits(): Workload {
    return required(this.#measured.experiment.cells.find(isWait), 'the workload wait').workload;
  }

  /** The wait that one request asks for. */
  get wait(): Seconds {
    return (this.waits.requests[0]?.parameters.ms ?? 0) / 1000;
  }

  /** Blocking processes at work, and for how long requests kept them. */
  get blockingProcesses(): WaitTrial {
    const trial = this.#trialWithMost(byCompletions, ({ deployment }, { utilisation: { workers } }) => {
      return isSync(deployment) && workers > BUSY.least && workers < BUSY.most;
    });
    return asWaitTrial(required(trial, 'a trial of wait on sync, neither idle nor overloaded'), 'busy');
  }

  /** What the same processes did under a load above their capacity; `undefined` if there was none. */
  overloaded({ deployment }: WaitTrial): { readonly throughput: PerSecond; readonly kept: Seconds } | undefined {
    const trial = this.#trialWithMost(
      byCompletions,
      (cell, { utilisation }) => isSame(cell.deployment, deployment) && utilisation.workers > 0.99,
    );
    if (trial === undefined) return undefined;
    const { kept, completed } = asWaitTrial(trial, 'busy');
    return completed === 0 ? undefined : { throughput: trial.measurement.throughput, kept: kept / completed };
  }

  /** Event loops with CPUs to spare, and for how long requests kept their connections. */
  get connections(): WaitTrial {
    const trial = this.#trialWithMost(
      byCompletions,
      ({ deployment }, { utilisation }) => isLoop(deployment) && utilisation.cpu < QUIET,
    );
    return asWaitTrial(required(trial, 'a trial of wait on async or hybrid with CPUs to spare'), 'connectionsHeld');
  }

  /** Memory of the most blocking processes that were measured, and of the event loops with the most connections each. */
  get memory(): { readonly blocking: DeploymentMemory; readonly loops: DeploymentMemory } {
    const blocking = this.#trialWithMost(
      cell => deriveParallelism(cell.deployment).workers,
      cell => isSync(cell.deployment),
    );
    const widest = this.#trialWithMost(
      ({ deployment }) => deployment.databaseConnections / deployment.processes,
      cell => isLoop(cell.deployment),
    );
    const missing = 'trials of wait on sync, and on async or hybrid';
    const { deployment } = required(widest, missing).trial.cell;
    const loops = this.#trialWithMost(
      (_, { memory }) => memory.workers,
      cell => isSame(cell.deployment, deployment),
    );
    const [ofBlocking, ofLoops] = [blocking, loops].map(trial => {
      const { trial: planned, measurement } = required(trial, missing);
      return { deployment: planned.cell.deployment, memory: measurement.memory.workers };
    }) as [DeploymentMemory, DeploymentMemory];
    return { blocking: ofBlocking, loops: ofLoops };
  }

  /** The event loops with the smallest bracketed capacity. */
  get smallestCapacity(): { readonly deployment: Deployment; readonly capacity: Interval } {
    const { experiment, results } = this.#measured;
    const found = experiment.cells.flatMap(cell => {
      const capacity = isWait(cell) && isLoop(cell.deployment) ? capacityOf(cell, results, experiment) : undefined;
      return capacity?.state === 'bracketed' ? [{ deployment: cell.deployment, capacity }] : [];
    });
    const [least] = found.sort((a, b) => a.capacity.estimate - b.capacity.estimate);
    return required(least, 'the capacity of wait on async or hybrid');
  }

  /** Of the completed trials of waits that fit, the one with the most of something. */
  #trialWithMost(
    read: (cell: Cell, measurement: ToldMeasurement) => number,
    fits: (cell: Cell, measurement: ToldMeasurement) => boolean,
  ): CompletedTrial | undefined {
    const fitting = this.#measured.results.filter(
      (result): result is CompletedTrial =>
        result.state === 'completed' &&
        isTold(result.measurement) &&
        result.trial.load.model === 'open' &&
        isWait(result.trial.cell) &&
        fits(result.trial.cell, result.measurement),
    );
    return fitting.sort((a, b) => read(b.trial.cell, b.measurement) - read(a.trial.cell, a.measurement))[0];
  }
}

function byCompletions(_: Cell, { completions }: ToldMeasurement): number {
  return completions.byWorkers;
}

function isWait({ workload }: Cell): boolean {
  const [only, ...others] = workload.requests;
  return workload.name === 'wait' && only?.route === 'wait' && others.length === 0;
}

function isSync({ spec }: Deployment): boolean {
  return spec.concurrencyLimit === 1;
}

function isLoop({ spec }: Deployment): boolean {
  return !isConcurrencyLimited(spec);
}

function isSame(one: Deployment, other: Deployment): boolean {
  return deploymentName(one) === deploymentName(other);
}

function asWaitTrial({ trial, measurement }: CompletedTrial, kept: 'busy' | 'connectionsHeld'): WaitTrial {
  const { workers, observed } = measurement;
  return {
    id: `${trial.id}, ${cellName(trial.cell)}`,
    deployment: trial.cell.deployment,
    workers: deriveParallelism(trial.cell.deployment).workers,
    completed: workers.reduce((sum, { completed }) => sum + completed, 0),
    observed,
    kept: workers.reduce((sum, worker) => sum + worker[kept], 0),
  };
}

function required<T>(found: T | undefined, what: string): T {
  if (found !== undefined) return found;
  throw new LoadlineError(
    'results-unreadable',
    `The exercises need ${what}, but the run behind docs/exercises/trials.jsonl does not have it. Use another run: node bench/exercise-trials.ts RUN`,
  );
}
