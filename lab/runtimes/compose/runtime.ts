import type { Deployment } from '../../../model/deployment.ts';
import { environmentOf } from '../../run/environment.ts';
import type { Runtime, Stack } from '../../run/runtime.ts';
import { MeasuredStack } from '../measured-stack.ts';
import { AppliedLimits } from './applied-limits.ts';
import { ComposeProbe, usageSourceFor } from './compose-probe.ts';
import { placeOf } from './containers.ts';
import { limitVariables } from './docker.ts';
import type { Engine } from './engine.ts';
import { composedK6 } from './k6-container.ts';
import { cpusIn } from './project.ts';
import { sessionsInContainer } from './psql.ts';
import { readReference } from './reference.ts';
import { imagesOf, settingsOf } from './settings.ts';
import { type ComposeEndpoint, containerOf, startStack } from './stack.ts';

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
      const nginx = containerOf('nginx', stack.containers);
      const postgres = containerOf('database', stack.containers);
      const source = usageSourceFor(stack.containers);
      const probe = await ComposeProbe.with(stack.probe, sessionsInContainer(postgres.id), source);
      const settings = await settingsOf(stack);
      const variables = limitVariables();
      const isLimited = deployments.some(({ containers }) => containers !== undefined);
      const limits = isLimited ? await AppliedLimits.of(stack.containers, signal) : undefined;
      return new MeasuredStack<ComposeEndpoint>({
        probe,
        endpoints: stack.endpoints,
        nginx: placeOf(nginx),
        postgres: placeOf(postgres),
        nginxProcesses: Number(settings.nginxSettings.worker_processes),
        environment: {
          ...environmentOf(root),
          engine,
          images: await imagesOf(stack),
          ...settings,
          availableCpus: this.availableCpus,
          ...(Object.keys(variables).length > 0 && { limitVariables: variables }),
          figures: source,
        },
        async limit({ container }, containers) {
          await limits?.apply(containers, { workers: container, nginx, postgres });
        },
        launching: onStart => composedK6(stack.compose, stack.probe, container => onStart(placeOf(container))),
        stop: () => stack.stop(),
      });
    } catch (error) {
      await stack.stop().catch((left: Error) => say(`not all of ${stack.name} could be removed: ${left.message}`));
      signal.throwIfAborted();
      throw error;
    }
  }
}
