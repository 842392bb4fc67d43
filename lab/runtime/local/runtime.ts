import { randomUUID } from 'node:crypto';
import { type Deployment, deploymentName } from '../../../model/deployment.ts';
import type { Cell, Trial } from '../../../model/experiment.ts';
import type { Measurement } from '../../../model/measurement.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { availableCpus } from '../../../services/cpus.ts';
import { type BackendsReader, backendsOf } from '../../observe/backends.ts';
import { environmentOf } from '../../observe/environment.ts';
import { measure, requestsOf } from '../../trial/measure.ts';
import type { MeasureOptions, Runtime, Stack } from '../../trial/runtime.ts';
import { warmUp } from '../../trial/warm-up.ts';
import { findK6, k6Version } from './k6.ts';
import { localK6 } from './k6-process.ts';
import { removeLeftovers, TEMPORARY } from './leftovers.ts';
import { LocalObserver } from './observer.ts';
import { settingsOf } from './settings.ts';
import { type LocalEndpoint, type LocalStack, startStack } from './stack.ts';

export interface LocalRuntimeOptions {
  /** The checkout. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Runs deployments as processes of this machine: its nginx, Postgres from its package, PM2, k6. */
export class LocalRuntime implements Runtime {
  readonly name = 'local';
  readonly availableCpus = availableCpus();
  readonly #options: LocalRuntimeOptions;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
  }

  async start(deployments: readonly Deployment[], signal: AbortSignal): Promise<Stack> {
    const { root, say } = this.#options;
    const k6Path = await findK6({ root, signal, say });
    await removeLeftovers(root, say);
    const stack = await startStack({
      root,
      name: `${TEMPORARY}${randomUUID().slice(0, 8)}`,
      deployments,
      wellKnownPorts: false,
      measuring: true,
      accessLog: false,
      life: 'temporary',
      workerProcesses: this.availableCpus,
      signal,
      say,
    });
    try {
      return new MeasuredStack(stack, k6Path, {
        ...environmentOf(root),
        k6: await k6Version(root),
        nginx: stack.nginxVersion,
        ...(await settingsOf(stack)),
        availableCpus: this.availableCpus,
      });
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }
}

class MeasuredStack implements Stack {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly #stack: LocalStack;
  readonly #k6Path: string;
  readonly #backends: BackendsReader;

  constructor(stack: LocalStack, k6Path: string, environment: Readonly<Record<string, unknown>>) {
    this.#stack = stack;
    this.#k6Path = k6Path;
    this.#backends = backendsOf(stack.databaseUrl);
    this.environment = environment;
  }

  get endpoints(): Stack['endpoints'] {
    return this.#stack.endpoints;
  }

  now(): Seconds {
    return performance.now() / 1000;
  }

  async warmUp({ deployment, workload }: Cell, signal: AbortSignal): Promise<void> {
    const endpoint = this.#endpointOf(deployment);
    await warmUp(endpoint.url, requestsOf(workload), this.#observerOf(endpoint), signal);
  }

  measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const endpoint = this.#endpointOf(trial.cell.deployment);
    const observer = this.#observerOf(endpoint);
    const launch = localK6(this.#k6Path, pid => observer.generatorStarted(pid));
    return measure(trial, { target: endpoint.url, launch, observer }, options);
  }

  async stop(): Promise<void> {
    await this.#backends.close();
    await this.#stack.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #observerOf(endpoint: LocalEndpoint): LocalObserver {
    return new LocalObserver(this.#stack, endpoint, this.#backends);
  }

  #endpointOf(wanted: Deployment): LocalEndpoint {
    const name = deploymentName(wanted);
    const endpoint = this.#stack.endpoints.find(({ deployment }) => deploymentName(deployment) === name);
    if (!endpoint) throw new RangeError(`${name} is not deployed`);
    return endpoint;
  }
}
