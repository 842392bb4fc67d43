import { type Containers, type Deployment, deploymentName } from '../../model/deployment.ts';
import type { Cell, Trial } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { type Instruments, measure, requestsOf } from '../trial/measure.ts';
import type { Endpoint, MeasureOptions, Stack } from '../trial/runtime.ts';
import { warmUp } from '../trial/warm-up.ts';

/** What a runtime gives of a stack that it has started. */
export interface StartedStack<StackEndpoint extends Endpoint> {
  readonly endpoints: readonly StackEndpoint[];
  /** What is needed to repeat the measurements. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** What a deployment is measured with; k6 is read from its start on. */
  instrumentsFor(endpoint: StackEndpoint): Instruments;
  /** Puts these limits on the containers behind a deployment; absent: there are none to limit. */
  limit?(endpoint: StackEndpoint, containers: Containers): Promise<void>;
  stop(): Promise<void>;
}

/** A stack of real programs, whose trials are made with k6. */
export class MeasuredStack<StackEndpoint extends Endpoint> implements Stack {
  readonly #started: StartedStack<StackEndpoint>;

  constructor(started: StartedStack<StackEndpoint>) {
    this.#started = started;
  }

  get endpoints(): Stack['endpoints'] {
    return this.#started.endpoints;
  }

  get environment(): Stack['environment'] {
    return this.#started.environment;
  }

  now(): Seconds {
    return performance.now() / 1000;
  }

  async warmUp({ deployment, workload }: Cell, signal: AbortSignal): Promise<void> {
    const endpoint = this.#endpointOf(deployment);
    // Without its limits: what is compiled then is the same, and it is compiled sooner.
    await this.#started.limit?.(endpoint, {});
    const { observer } = this.#started.instrumentsFor(endpoint);
    await warmUp(endpoint.url, requestsOf(workload), observer, signal);
  }

  async measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const endpoint = this.#endpointOf(trial.cell.deployment);
    await this.#started.limit?.(endpoint, endpoint.deployment.containers ?? {});
    return measure(trial, this.#started.instrumentsFor(endpoint), options);
  }

  stop(): Promise<void> {
    return this.#started.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #endpointOf(wanted: Deployment): StackEndpoint {
    const name = deploymentName(wanted);
    const endpoint = this.#started.endpoints.find(({ deployment }) => deploymentName(deployment) === name);
    if (!endpoint) throw new RangeError(`${name} is not deployed`);
    return endpoint;
  }
}
