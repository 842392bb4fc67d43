import { type Containers, type Deployment, deploymentName } from '../../../model/deployment.ts';
import type { Cell, Trial } from '../../../model/experiment.ts';
import type { Measurement } from '../../../model/measurement.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { environmentOf } from '../../observe/environment.ts';
import { measure, requestsOf } from '../../trial/measure.ts';
import type { MeasureOptions, Runtime, Stack } from '../../trial/runtime.ts';
import { warmUp } from '../../trial/warm-up.ts';
import { AppliedLimits } from './applied-limits.ts';
import { limitVariables } from './docker.ts';
import type { Engine } from './engine.ts';
import { figuresReader } from './figures.ts';
import { composedK6 } from './k6-container.ts';
import { ComposeObserver, type StackReaders } from './observer.ts';
import { cpusIn } from './project.ts';
import { backendsInContainer } from './psql.ts';
import { readReference } from './reference.ts';
import { imagesOf, settingsOf } from './settings.ts';
import { type ComposeEndpoint, type ComposeStack, containerOf, startStack } from './stack.ts';

export interface ComposeRuntimeOptions {
  /** The checkout. */
  readonly root: string;
  readonly engine: Engine;
  readonly say: (line: string) => void;
}

/** Runs deployments in containers, as `docker-compose.yml` has them, in a project that meets no other. */
export class ComposeRuntime implements Runtime {
  readonly name = 'compose';
  readonly availableCpus: number;
  readonly containerCpus: number;
  readonly #options: ComposeRuntimeOptions;

  private constructor(options: ComposeRuntimeOptions, availableCpus: number) {
    this.#options = options;
    this.availableCpus = availableCpus;
    this.containerCpus = options.engine.cpus;
  }

  /** The runtime on an engine that answers; its CPUs are what the checkout's `docker-compose.yml` leaves of the engine's. */
  static async on(options: ComposeRuntimeOptions, signal: AbortSignal): Promise<ComposeRuntime> {
    const reference = await readReference(options.root, { project: 'loadline', variables: {}, signal });
    return new ComposeRuntime(options, cpusIn(reference, options.engine.cpus));
  }

  async start(deployments: readonly Deployment[], signal: AbortSignal): Promise<Stack> {
    const { root, say } = this.#options;
    // A run that is resumed may do so in another container.
    const { ownContainer, ...engine } = this.#options.engine;
    const stack = await startStack({ root, deployments, ownContainer, signal, say });
    try {
      const figures = await figuresReader(stack.containers);
      const settings = await settingsOf(stack);
      const variables = limitVariables();
      const readers = {
        figures,
        backends: backendsInContainer(containerOf('database', stack.containers).id),
        nginxProcesses: Number(settings.nginxSettings.worker_processes),
      };
      const isLimited = deployments.some(({ containers }) => containers !== undefined);
      const limits = isLimited ? await AppliedLimits.of(stack.containers, signal) : undefined;
      return new MeasuredStack(stack, readers, limits, {
        ...environmentOf(root),
        engine,
        images: await imagesOf(stack),
        ...settings,
        availableCpus: this.availableCpus,
        ...(Object.keys(variables).length > 0 && { limitVariables: variables }),
        figures: figures.source,
      });
    } catch (error) {
      await stack.stop().catch((left: Error) => say(`not all of ${stack.name} could be removed: ${left.message}`));
      signal.throwIfAborted();
      throw error;
    }
  }
}

class MeasuredStack implements Stack {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly #stack: ComposeStack;
  readonly #readers: StackReaders;
  /** Absent: none of its deployments has any. */
  readonly #limits: AppliedLimits | undefined;

  constructor(
    stack: ComposeStack,
    readers: StackReaders,
    limits: AppliedLimits | undefined,
    environment: Readonly<Record<string, unknown>>,
  ) {
    this.#stack = stack;
    this.#readers = readers;
    this.#limits = limits;
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
    // Without its limits: what is compiled then is the same, and it is compiled sooner.
    await this.#limit(endpoint, {});
    await warmUp(endpoint.url, requestsOf(workload), new ComposeObserver(this.#stack, endpoint, this.#readers), signal);
  }

  async measure(trial: Trial, options: MeasureOptions): Promise<Measurement> {
    const endpoint = this.#endpointOf(trial.cell.deployment);
    await this.#limit(endpoint, endpoint.deployment.containers ?? {});
    const observer = new ComposeObserver(this.#stack, endpoint, this.#readers);
    const { compose, agent } = this.#stack;
    const launch = composedK6(compose, agent, container => observer.generatorStarted(container));
    return measure(trial, { target: endpoint.inside, launch, observer }, options);
  }

  async stop(): Promise<void> {
    try {
      await this.#readers.backends.close();
      await this.#readers.figures.close();
    } finally {
      await this.#stack.stop();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #limit({ container }: ComposeEndpoint, containers: Containers): Promise<void> {
    const nginx = containerOf('nginx', this.#stack.containers);
    const postgres = containerOf('database', this.#stack.containers);
    await this.#limits?.apply(containers, { workers: container, nginx, postgres });
  }

  #endpointOf(wanted: Deployment): ComposeEndpoint {
    const name = deploymentName(wanted);
    const endpoint = this.#stack.endpoints.find(({ deployment }) => deploymentName(deployment) === name);
    if (!endpoint) throw new RangeError(`${name} is not deployed`);
    return endpoint;
  }
}
