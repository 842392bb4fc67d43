import { z } from 'zod';
import { type ContainerLimits, type Containers, limitedContainers } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Bytes } from '../../../model/quantities.ts';
import type { Container } from './containers.ts';
import { DockerFailure, docker } from './docker.ts';

/** The containers that serve one deployment. */
export type ServingContainers = Readonly<Record<keyof Containers, Container>>;

const hostConfigSchema = z.array(
  z.object({
    Id: z.string(),
    HostConfig: z.object({
      NanoCpus: z.number(),
      CpusetCpus: z.string(),
      Memory: z.number(),
      MemorySwap: z.number(),
    }),
  }),
);
type HostConfig = z.infer<typeof hostConfigSchema>[number]['HostConfig'];

/** What the machine of the engine has. */
interface EngineMachine {
  readonly cpus: number;
  readonly memory: Bytes;
}

/** Sets the limits of containers that run, since one nginx and one Postgres serve deployments with different limits. */
export class AppliedLimits {
  readonly #machine: EngineMachine;
  /** As `docker-compose.yml` has them, by container. */
  readonly #own: ReadonlyMap<string, HostConfig>;
  /** What each container was set to last. */
  readonly #applied = new Map<string, string>();

  /** Reads the limits that these containers began with. */
  static async of(containers: readonly Container[], signal: AbortSignal): Promise<AppliedLimits> {
    const ids = containers.map(({ id }) => id);
    const [info, inspected] = await Promise.all([
      docker(['info', '--format', '{{.NCPU}} {{.MemTotal}}'], { signal }),
      docker(['inspect', '--type', 'container', ...ids], { signal }),
    ]);
    const [cpus = 1, memory = 0] = info.trim().split(' ').map(Number);
    const own = hostConfigSchema.parse(JSON.parse(inspected)).map(({ Id, HostConfig }) => [Id, HostConfig] as const);
    return new AppliedLimits({ cpus, memory }, new Map(own));
  }

  private constructor(machine: EngineMachine, own: ReadonlyMap<string, HostConfig>) {
    this.#machine = machine;
    this.#own = own;
  }

  /** Gives each container these limits; what is absent is as it began. */
  async apply(limits: Containers, containers: ServingContainers): Promise<void> {
    for (const name of limitedContainers) await this.#set(name, containers[name].id, limits[name] ?? {});
  }

  async #set(name: string, id: string, limits: ContainerLimits): Promise<void> {
    const own = this.#own.get(id);
    if (own === undefined) throw new RangeError(`the limits of ${name} were not read`);
    const options = optionsFor(limits, own, this.#machine);
    const before = this.#applied.get(id) ?? optionsFor({}, own, this.#machine).join(' ');
    if (options.join(' ') === before) return;
    try {
      await docker(['update', ...options, id]);
    } catch (cause) {
      if (!(cause instanceof DockerFailure)) throw cause;
      throw new LoadlineError(
        'containers-failed',
        `The limits of the container of ${name} could not be set; choose others (containers.${name} of the experiment): ${cause.said}`,
        { cause },
      );
    }
    this.#applied.set(id, options.join(' '));
  }
}

/** Options of `docker update`, which takes no limit away: in place of none stands all that the machine has. */
function optionsFor({ cpus, cpuset, memory }: ContainerLimits, own: HostConfig, machine: EngineMachine): string[] {
  const { NanoCpus, CpusetCpus, Memory, MemorySwap } = own;
  const bytes = memory ?? (Memory || machine.memory);
  // As much again of swap, as the engine gives of itself.
  const withSwap = memory === undefined && MemorySwap !== 0 ? MemorySwap : 2 * bytes;
  return [
    `--cpus=${cpus ?? (NanoCpus / 1e9 || machine.cpus)}`,
    `--cpuset-cpus=${cpuset ?? (CpusetCpus || `0-${machine.cpus - 1}`)}`,
    `--memory=${bytes}`,
    `--memory-swap=${withSwap}`,
  ];
}
