import type { Deployment } from '../../../services/deployment.ts';
import type { Trial } from '../../experiment/experiment.ts';
import type { Measurement } from '../../experiment/trial-result.ts';
import type { Seconds } from '../../experiment/units.ts';
import { measuredService, type ServiceModel } from '../../simulation/service-model.ts';
import { simulateTrial } from '../../simulation/simulate-trial.ts';
import { type NoisyExperiment, slownessOf } from '../../simulation/slowness.ts';
import type { MeasureOptions, Runtime, Stack } from '../../trial/runtime.ts';

export interface SimulatedRuntimeOptions {
  /** CPUs of the machine that is simulated. */
  readonly cpus: number;
  readonly model?: ServiceModel;
}

/** Simulates deployments: nothing is started, and a trial takes no longer than computing it. */
export class SimulatedRuntime implements Runtime {
  readonly name = 'simulated';
  readonly availableCpus: number;
  readonly #model: ServiceModel;
  /** It goes on from one stack to the next. */
  readonly #clock = { now: 0 };

  constructor({ cpus, model = measuredService }: SimulatedRuntimeOptions) {
    this.availableCpus = cpus;
    this.#model = model;
  }

  async start(
    _deployments: readonly Deployment[],
    _signal: AbortSignal,
    experiment: NoisyExperiment = withoutNoise,
  ): Promise<Stack> {
    return new SimulatedStack(this.availableCpus, this.#model, experiment, this.#clock);
  }
}

const withoutNoise: NoisyExperiment = {
  seed: 0,
  blocks: 1,
  noise: { betweenTrials: 0, betweenBlocks: 0, source: 'assumed' },
};

class SimulatedStack implements Stack {
  readonly endpoints: Stack['endpoints'] = [];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly #cpus: number;
  readonly #model: ServiceModel;
  readonly #experiment: NoisyExperiment;
  readonly #clock: { now: Seconds };

  constructor(cpus: number, model: ServiceModel, experiment: NoisyExperiment, clock: { now: Seconds }) {
    this.#clock = clock;
    this.#cpus = cpus;
    this.#model = model;
    this.#experiment = experiment;
    this.environment = { simulated: true, availableCpus: cpus, noise: experiment.noise, model };
  }

  now(): Seconds {
    return this.#clock.now;
  }

  async warmUp(): Promise<void> {
    // A simulated worker is as fast at once as it will ever be.
  }

  async measure(trial: Trial, { signal, objective, onProgress }: MeasureOptions): Promise<Measurement> {
    const options = { cpus: this.#cpus, objective, slowness: slownessOf(trial, this.#experiment), onProgress };
    const { measurement, elapsed } = simulateTrial(trial, this.#model, options);
    this.#clock.now += elapsed;
    // A trial is one long computation: between two of them is the time to be interrupted.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    return measurement;
  }

  async stop(): Promise<void> {
    // Nothing was started.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
