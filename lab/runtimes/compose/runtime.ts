import { randomUUID } from 'node:crypto';
import type { Deployment } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { describeEnvironment } from '../../run/environment.ts';
import { k6Flags, k6Variables, type LaunchK6 } from '../../run/generator.ts';
import type { Runtime, Stack } from '../../run/runtime.ts';
import { MeasuredStack, POSTGRES_SETTINGS, readNginxSettings } from '../measured-stack.ts';
import { composeProbe, engineApi, PSQL, sessionsInContainer } from './compose-probe.ts';
import { type Container, findContainer, inspectContainers, limitContainers, placeOf } from './containers.ts';
import { DockerFailure, docker, ifRefused, limitVariables, splitLines } from './docker.ts';
import { type Engine, engineHost } from './engine.ts';
import type { ProbeLink } from './probe-link.ts';
import { cpusIn, readReference } from './project.ts';
import { type ComposeEndpoint, type ComposeStack, startComposeStack } from './stack.ts';

interface ComposeRuntimeOptions {
  /** The checkout. */
  readonly root: string;
  readonly engine: Engine;
  readonly say: (line: string) => void;
}

const K6_LINES = 10;

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

  /** Its CPUs are those that the checkout's `docker-compose.yml` leaves of the engine's. */
  static async on(options: ComposeRuntimeOptions, signal: AbortSignal): Promise<ComposeRuntime> {
    const reference = await readReference(options.root, { project: 'loadline', variables: {}, signal });
    return new ComposeRuntime(options, cpusIn(reference, options.engine.cpus));
  }

  async start(deployments: readonly Deployment[], signal: AbortSignal): Promise<Stack> {
    const { root, say } = this.#options;
    // Not recorded: a run may be resumed in another container.
    const { ownContainer, ...engine } = this.#options.engine;
    const stack = await startComposeStack({ root, deployments, ownContainer, signal, say });
    try {
      const nginx = findContainer('nginx', stack.containers);
      const postgres = findContainer('database', stack.containers);
      const settings = await readSettings(stack);
      const variables = limitVariables();
      const isLimited = deployments.some(({ containers }) => containers !== undefined);
      const applyLimits = isLimited ? await limitContainers(signal) : undefined;
      const api = engineApi(await engineHost(signal));
      return new MeasuredStack<ComposeEndpoint>({
        probe: composeProbe(stack.probe, api, sessionsInContainer(postgres.id)),
        endpoints: stack.endpoints,
        nginx: placeOf(nginx),
        postgres: placeOf(postgres),
        nginxProcesses: Number(settings.nginxSettings.worker_processes),
        environment: {
          ...describeEnvironment(root),
          engine,
          images: await readImages(stack),
          ...settings,
          availableCpus: this.availableCpus,
          ...(Object.keys(variables).length > 0 && { limitVariables: variables }),
        },
        async limit({ container }, containers) {
          await applyLimits?.(containers, { workers: container, nginx, postgres });
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

/**
 * Launches k6 as the project's service of that name, in nginx's network namespace; `compose` are the arguments of
 * `docker` that name the project. `onStart` is told its container.
 */
export function composedK6(
  compose: readonly string[],
  probe: Pick<ProbeLink, 'ordersAddress' | 'reportTo'>,
  onStart: (container: Container) => void,
): LaunchK6 {
  return async ({ script, settings }, desk) => {
    probe.reportTo(desk);
    const variables = { ...k6Variables, ...settings, ORDERS: probe.ordersAddress };
    const told = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    // Named beforehand, so that it can be removed before its start is known.
    const name = `loadline-k6-${randomUUID().slice(0, 8)}`;
    const remove = () => docker(['rm', '--force', name]).catch(ifRefused);
    let ending: Promise<unknown> | undefined;
    const end = async () => {
      ending ??= remove().finally(() => probe.reportTo(undefined));
      await ending;
    };
    const run = ['run', '--detach', '--name', name, '--no-deps', '-T', ...told, 'k6', 'run', ...k6Flags, script];
    try {
      await docker([...compose, ...run]);
      onStart(...((await inspectContainers([name])) as [Container]));
    } catch (cause) {
      // A container that is left goes with its project.
      await end().catch(() => undefined);
      if (!(cause instanceof DockerFailure)) throw cause;
      throw new LoadlineError('k6-failed', `k6 cannot be started in its container: ${cause.said}`, { cause });
    }
    const lines: string[] = [];
    const ended = awaitK6(name, lines);
    // The driver of the load may not wait for it yet.
    ended.catch(() => undefined);
    return { ended, lines, end };
  };
}

/** How the container of k6 ends; its last lines are then in `lines`. */
async function awaitK6(id: string, lines: string[]): Promise<string> {
  const code = (await docker(['wait', id], { limit: Number.POSITIVE_INFINITY }).catch(ifRefused))?.trim();
  if (code === '0') return 'exit code 0';
  const log = code && (await docker(['logs', '--tail', `${K6_LINES}`, id], { both: true }).catch(ifRefused));
  // It was removed before it had ended.
  if (log === undefined) return 'SIGKILL';
  lines.push(...splitLines(log));
  return `exit code ${code}`;
}

/** The ids of a stack's images, by what runs in them. */
async function readImages({ k6Image, containers, endpoints }: ComposeStack): Promise<Record<string, string>> {
  const workers = endpoints[0]?.container.image;
  return {
    nginx: findContainer('nginx', containers).image,
    ...(workers !== undefined && { workers }),
    postgres: findContainer('database', containers).image,
    k6: (await docker(['image', 'inspect', '--format', '{{.Id}}', k6Image])).trim(),
  };
}

/** The version of nginx, and the settings of nginx and Postgres that measurements depend on. */
async function readSettings({ compose }: ComposeStack) {
  const inside = (service: string, ...command: string[]) =>
    docker([...compose, 'exec', '-T', service, ...command], { both: true });
  const names = POSTGRES_SETTINGS.map(name => `'${name}'`).join(', ');
  const query = `select name || '=' || current_setting(name) from pg_settings where name in (${names})`;
  const [version, configuration, postgres] = await Promise.all([
    inside('nginx', 'nginx', '-v'),
    inside('nginx', 'cat', '/etc/loadline/nginx.conf'),
    inside('database', 'sh', '-c', `${PSQL} --command="$1"`, 'psql', query),
  ]);
  return {
    nginx: /nginx\/([\d.]+)/.exec(version)?.[1],
    nginxSettings: readNginxSettings(configuration),
    postgres: Object.fromEntries(splitLines(postgres).map(line => line.split('='))) as Record<string, string>,
  };
}
