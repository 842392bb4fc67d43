import type { Deployment } from '../../../model/deployment.ts';
import type { Objective, Trial } from '../../../model/experiment.ts';
import type { Measurement } from '../../../model/measurement.ts';
import { requireSimulated } from '../../../model/parallelism.ts';
import type { Seconds } from '../../../model/quantities.ts';
import type { MeasureOptions, Runtime, Stack } from '../../run/runtime.ts';
import { measuredService, type ServiceModel } from '../../simulation/service-model.ts';
import { drawSlowness, type NoisyExperiment, simulateTrial } from '../../simulation/simulate-trial.ts';
import type { ComputedTrial } from './thread.ts';
import { Threads } from './threads.ts';

interface SimulatedRuntimeOptions {
  /** CPUs of the machine that is simulated. */
  readonly cpus: number;
  readonly model?: ServiceModel;
  /** How many trials are simulated at once, each on a thread of its own; 1, on none, unless it is set. */
  readonly threads?: number;
}

/**
 * Simulates deployments: nothing is started, and a trial takes no longer than computing it. Several threads compute
 * ahead the trials that a stack is told to expect; the results do not depend on their number.
 */
export class SimulatedRuntime implements Runtime {
  readonly name = 'simulated';
  readonly availableCpus: number;
  /** What requests take of the machine. */
  readonly service: ServiceModel;
  /** Kept from one stack to the next, as are the threads. */
  readonly #clock = { now: 0 };
  readonly #threads: Threads | undefined;

  constructor({ cpus, model = measuredService, threads = 1 }: SimulatedRuntimeOptions) {
    this.availableCpus = cpus;
    this.service = model;
    this.#threads = threads > 1 ? new Threads({ count: threads }) : undefined;
  }

  async start(
    deployments: readonly Deployment[],
    _signal: AbortSignal,
    experiment: NoisyExperiment = withoutNoise,
  ): Promise<Stack> {
    for (const deployment of deployments) requireSimulated(deployment);
    return new SimulatedStack({
      cpus: this.availableCpus,
      model: this.service,
      experiment,
      clock: this.#clock,
      threads: this.#threads,
    });
  }
}

const withoutNoise: NoisyExperiment = {
  seed: 0,
  blocks: 1,
  noise: { betweenTrials: 0, betweenBlocks: 0, source: 'assumed' },
};

interface StackParts {
  readonly cpus: number;
  readonly model: ServiceModel;
  readonly experiment: NoisyExperiment;
  readonly clock: { now: Seconds };
  /** `undefined`: each trial is computed when it is measured. */
  readonly threads: Threads | undefined;
}

class SimulatedStack implements Stack {
  readonly endpoints: Stack['endpoints'] = [];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly #parts: StackParts;
  /** What is being computed ahead, by the trial as it was told. */
  readonly #ahead = new Map<string, Promise<ComputedTrial>>();

  constructor(parts: StackParts) {
    const { cpus, model, experiment } = parts;
    this.#parts = parts;
    this.environment = { simulated: true, availableCpus: cpus, noise: experiment.noise, model };
  }

  now(): Seconds {
    return this.#parts.clock.now;
  }

  async warmUp(): Promise<void> {
    // A simulated worker is as fast at once as it will ever be.
  }

  expect(trials: readonly Trial[], objective: Objective): void {
    const { threads, experiment, cpus, model } = this.#parts;
    // A single one is computed as fast here, but here nothing could interrupt it.
    if (threads === undefined) return;
    for (const trial of trials) {
      const key = JSON.stringify(trial);
      if (this.#ahead.has(key)) continue;
      const slowness = drawSlowness(trial, experiment);
      this.#ahead.set(key, threads.compute({ trial, model, cpus, slowness, objective }));
    }
  }

  async measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const { signal, objective, onProgress } = options;
    const { cpus, model, experiment, clock } = this.#parts;
    const computed = await this.#computedAhead(trial, signal);
    const { measurement, elapsed } =
      computed !== undefined && isStoppedAlike(computed, onProgress)
        ? computed
        : simulateTrial(trial, model, { cpus, objective, slowness: drawSlowness(trial, experiment), onProgress });
    clock.now += elapsed;
    // A trial is one long computation: between two of them is the time to be interrupted.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    return measurement;
  }

  async stop(): Promise<void> {
    this.#ahead.clear();
    await this.#parts.threads?.giveUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** What a thread computes of the trial; `undefined`: it was not expected. */
  async #computedAhead(trial: Trial, signal: AbortSignal): Promise<ComputedTrial | undefined> {
    const key = JSON.stringify(trial);
    const ahead = this.#ahead.get(key);
    if (ahead === undefined) return undefined;
    // It is asked for once, and its results are large.
    this.#ahead.delete(key);
    const giveUp = () => void this.#parts.threads?.giveUp(signal.reason);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    try {
      return await ahead;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
}

/** Tells afterwards how the trial went; `false`: it would have been stopped elsewhere. */
export function isStoppedAlike(
  { looks, measurement }: ComputedTrial,
  onProgress: MeasureOptions['onProgress'],
): boolean {
  return looks.every((look, index) => {
    const isStopped = measurement.stoppedEarly && index === looks.length - 1;
    return (onProgress(look) === 'stop') === isStopped;
  });
}
