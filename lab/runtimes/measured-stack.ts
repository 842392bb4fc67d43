import { type Containers, type Deployment, deploymentName } from '../../model/deployment.ts';
import type { Cell, Trial } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { Place } from '../probe/probe.ts';
import type { LaunchK6 } from '../run/generator.ts';
import { measure, requestsOf } from '../run/measure.ts';
import type { MeasureOptions, Stack } from '../run/runtime.ts';
import { warmUp } from '../run/warm-up.ts';
import { DeploymentObserver, type ProbedEndpoint, type ProbedStack } from './deployment-observer.ts';

/** A stack that runs, as its runtime started it. */
export interface StartedStack<StackEndpoint extends DrivenEndpoint> extends ProbedStack {
  readonly endpoints: readonly StackEndpoint[];
  /** What is needed to repeat the measurements. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Puts these limits on the containers behind a deployment; absent: there are none to limit. */
  limit?(endpoint: StackEndpoint, containers: Containers): Promise<void>;
  /** A way to launch k6; `onStart` is told where it runs as soon as it does. */
  launching(onStart: (k6: Place) => void): LaunchK6;
  stop(): Promise<void>;
}

export interface DrivenEndpoint extends ProbedEndpoint {
  /** Where k6 reaches it. */
  readonly target: string;
  /** Where the lab reaches each worker; workers that share a port have the same address. */
  readonly addresses: readonly string[];
}

/** A stack of real programs, whose trials are made with k6. */
export class MeasuredStack<StackEndpoint extends DrivenEndpoint> implements Stack {
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
    const observer = new DeploymentObserver(this.#started, endpoint);
    await warmUp(endpoint.url, requestsOf(workload), observer, { signal, hidden: deployment.hidden });
  }

  async measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const endpoint = this.#endpointOf(trial.cell.deployment);
    await this.#started.limit?.(endpoint, endpoint.deployment.containers ?? {});
    const observer = new DeploymentObserver(this.#started, endpoint);
    const launch = this.#started.launching(k6 => observer.generatorStarted(k6));
    const { target, addresses } = endpoint;
    return measure(trial, { target, addresses, launch, observer }, options);
  }

  async stop(): Promise<void> {
    try {
      await this.#started.probe.close();
    } finally {
      await this.#started.stop();
    }
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
