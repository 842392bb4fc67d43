/** The containers of a stack that a deployment can limit; nginx and Postgres serve all deployments in turn. */
export const limitedContainers = ['workers', 'nginx', 'postgres'] as const;
export type LimitedContainer = (typeof limitedContainers)[number];

/** The most that one container may use; what is absent is as in `docker-compose.yml`. */
export interface ContainerLimits {
  /** CPU seconds in each second. */
  readonly cpus?: number;
  /** The numbers of the CPUs that it may run on: `0-2,5`. */
  readonly cpuset?: string;
  /** In bytes. */
  readonly memory?: number;
}

export type Containers = Readonly<Partial<Record<LimitedContainer, ContainerLimits>>>;

/** CPUs that the limits leave to a container: the lower of a number and the size of a set; `undefined` without either. */
export function limitedCpus({ cpus, cpuset }: ContainerLimits = {}): number | undefined {
  const least = Math.min(
    cpus ?? Number.POSITIVE_INFINITY,
    cpuset ? cpuNumbers(cpuset).length : Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(least) ? least : undefined;
}

/** The numbers in a set of CPUs: `0-2,5` is 0, 1, 2 and 5. */
export function cpuNumbers(set: string): number[] {
  return set.split(',').flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/**
 * The limits in a few characters that may stand in a host name: `-w600m-set0-400mb-n170m`, where 600m is 0.6 CPUs;
 * nothing without any. There are no dots: a host name that ends in a number would be taken for an address.
 */
export function containersSuffix(containers: Containers = {}): string {
  return limitedContainers
    .flatMap(container => {
      const limits = containers[container];
      return limits === undefined ? [] : [`-${container[0]}${limitsSuffix(limits)}`];
    })
    .join('');
}

function limitsSuffix({ cpus, cpuset, memory = 0 }: ContainerLimits): string {
  return [
    cpus === undefined ? '' : `${Math.round(cpus * 1000)}m`,
    cpuset === undefined ? '' : `-set${cpuset.replaceAll(',', 'and')}`,
    memory === 0 ? '' : `-${memory % 1e6 === 0 ? `${memory / 1e6}mb` : `${memory}b`}`,
  ].join('');
}
