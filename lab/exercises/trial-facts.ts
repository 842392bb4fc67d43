import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type Cell, cellName, type Objective, type Workload } from '../../model/experiment.ts';
import { isTold, type ToldMeasurement } from '../../model/measurement.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { Bytes, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { CapacityModel } from '../plan/capacity-model.ts';
import { fitModel, type Measured } from '../plan/fit.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { measuredMachine } from '../plan/question.ts';
import { findCapacity } from '../search/capacity.ts';
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

type OpenTrial = ToldMeasurement & Pick<WaitTrial, 'id' | 'deployment'>;

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
    const trial = this.#findMost(byCompletions, ({ deployment, utilisation: { workers } }) => {
      return isSync(deployment) && workers > BUSY.least && workers < BUSY.most;
    });
    return asWaitTrial(required(trial, 'a trial of wait on sync, neither idle nor overloaded'), 'busy');
  }

  /** What the same processes did under a load above their capacity; `undefined` if there was none. */
  overloaded({ deployment }: WaitTrial): { readonly throughput: PerSecond; readonly kept: Seconds } | undefined {
    const trial = this.#findMost(byCompletions, other => {
      return isSame(other.deployment, deployment) && other.utilisation.workers > 0.99;
    });
    if (trial === undefined) return undefined;
    const { kept, completed } = asWaitTrial(trial, 'busy');
    return completed === 0 ? undefined : { throughput: trial.throughput, kept: kept / completed };
  }

  /** Event loops with CPUs to spare, and for how long requests kept their connections. */
  get connections(): WaitTrial {
    const trial = this.#findMost(byCompletions, ({ deployment, utilisation }) => {
      return isLoop(deployment) && utilisation.cpu < QUIET;
    });
    return asWaitTrial(required(trial, 'a trial of wait on async or hybrid with CPUs to spare'), 'connectionsHeld');
  }

  /** Memory of the most blocking processes that were measured, and of the event loops with the most connections each. */
  get memory(): { readonly blocking: DeploymentMemory; readonly loops: DeploymentMemory } {
    const missing = 'trials of wait on sync, and on async or hybrid';
    const countWorkers = ({ deployment }: OpenTrial) => deriveParallelism(deployment).workers;
    const blocking = required(
      this.#findMost(countWorkers, ({ deployment }) => isSync(deployment)),
      missing,
    );
    const perProcess = ({ deployment }: OpenTrial) => deployment.databaseConnections / deployment.processes;
    const widest = required(
      this.#findMost(perProcess, ({ deployment }) => isLoop(deployment)),
      missing,
    );
    const loops = this.#findMost(
      ({ memory }) => memory.workers,
      ({ deployment }) => isSame(deployment, widest.deployment),
    );
    return {
      blocking: { deployment: blocking.deployment, memory: blocking.memory.workers },
      loops: { deployment: widest.deployment, memory: (loops ?? widest).memory.workers },
    };
  }

  /** The event loops with the smallest bracketed capacity. */
  get smallestCapacity(): { readonly deployment: Deployment; readonly capacity: Interval } {
    const { experiment, results } = this.#measured;
    const found = experiment.cells.flatMap(cell => {
      const capacity = isWait(cell) && isLoop(cell.deployment) ? findCapacity(cell, results, experiment) : undefined;
      return capacity?.state === 'bracketed' ? [{ deployment: cell.deployment, capacity }] : [];
    });
    const [least] = found.sort((a, b) => a.capacity.estimate - b.capacity.estimate);
    return required(least, 'the capacity of wait on async or hybrid');
  }

  /** Of the completed trials of waits under open loads that fit, the one with the most of something. */
  #findMost(read: (trial: OpenTrial) => number, fits: (trial: OpenTrial) => boolean): OpenTrial | undefined {
    const all = this.#measured.results.flatMap(result => {
      if (result.state !== 'completed' || !isTold(result.measurement)) return [];
      const { cell, load } = result.trial;
      const id = `${result.trial.id}, ${cellName(cell)}`;
      return load.model === 'open' && isWait(cell) ? [{ ...result.measurement, id, deployment: cell.deployment }] : [];
    });
    return all.filter(fits).sort((a, b) => read(b) - read(a))[0];
  }
}

function byCompletions({ completions }: OpenTrial): number {
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

function asWaitTrial(trial: OpenTrial, kept: 'busy' | 'connectionsHeld'): WaitTrial {
  const { id, deployment, workers, observed } = trial;
  return {
    ...{ id, deployment, observed, workers: deriveParallelism(deployment).workers },
    completed: workers.reduce((sum, { completed }) => sum + completed, 0),
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
