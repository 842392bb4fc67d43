import { mkdir } from 'node:fs/promises';
import { type Containers, type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Trial } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { Place } from '../probe/probe.ts';
import type { LaunchK6 } from '../run/generator.ts';
import { listRequests, measure } from '../run/measure.ts';
import type { MeasureOptions, Stack } from '../run/runtime.ts';
import { warmUp } from '../run/warm-up.ts';
import { DeploymentObserver, type ProbedEndpoint, type ProbedStack } from './deployment-observer.ts';

/** A deployment that a probe reads and k6 loads. */
export interface MeasuredEndpoint extends ProbedEndpoint {
  /** Where k6 reaches it. */
  readonly target: string;
  /** Where the lab reaches each worker; workers that share a port have the same address. */
  readonly addresses: readonly string[];
}

/** A stack that its runtime has started. */
interface StartedStack<StackEndpoint extends MeasuredEndpoint> extends ProbedStack {
  readonly endpoints: readonly StackEndpoint[];
  /** What is needed to repeat the measurements. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Sets the limits of the containers behind a deployment; absent: there are no containers. */
  limit?(endpoint: StackEndpoint, containers: Containers): Promise<void>;
  /** A way to launch k6; `onStart` is told where k6 runs. */
  launching(onStart: (k6: Place) => void): LaunchK6;
  stop(): Promise<void>;
}

/** A stack of real programs, whose trials are made with k6. */
export class MeasuredStack<StackEndpoint extends MeasuredEndpoint> implements Stack {
  readonly endpoints: Stack['endpoints'];
  readonly environment: Stack['environment'];
  readonly #started: StartedStack<StackEndpoint>;

  constructor(started: StartedStack<StackEndpoint>) {
    this.#started = started;
    this.endpoints = started.endpoints;
    this.environment = started.environment;
  }

  now(): Seconds {
    return performance.now() / 1000;
  }

  async warmUp({ deployment, workload }: Cell, signal: AbortSignal): Promise<void> {
    const endpoint = this.#findEndpoint(deployment);
    // Without limits the same code is compiled sooner.
    await this.#started.limit?.(endpoint, {});
    const observer = new DeploymentObserver(this.#started, endpoint);
    await warmUp(endpoint.url, listRequests(workload), observer, { signal, hidden: deployment.hidden });
  }

  async measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const endpoint = this.#findEndpoint(trial.cell.deployment);
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

  #findEndpoint(wanted: Deployment): StackEndpoint {
    const name = deploymentName(wanted);
    const endpoint = this.#started.endpoints.find(({ deployment }) => deploymentName(deployment) === name);
    if (!endpoint) throw new RangeError(`${name} is not deployed`);
    return endpoint;
  }
}

/** The settings of Postgres that measurements depend on. */
export const POSTGRES_SETTINGS = ['server_version', 'max_connections', 'shared_buffers', 'fsync', 'synchronous_commit'];

/** The settings of nginx that measurements depend on, from the text of its configuration. */
export function readNginxSettings(configuration: string): Record<string, string | undefined> {
  const read = (name: string) => new RegExp(`\\b${name} (\\w+);`).exec(configuration)?.[1];
  return Object.fromEntries(['worker_processes', 'worker_connections'].map(name => [name, read(name)]));
}

/** Makes the folder of a stack. */
export async function makeStackFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const message = `${path} cannot be created; run Loadline as the user whose checkout it is`;
    throw new LoadlineError('folder-unwritable', message, { cause });
  }
}
