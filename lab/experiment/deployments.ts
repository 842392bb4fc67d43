import {
  type ContainerLimits,
  type Deployment,
  deploymentName,
  deploymentOf,
  type LimitedContainer,
  limitedContainers,
  limitedCpus,
  refusalOf,
} from '../../model/deployment.ts';
import { topologyNames } from '../../model/topology.ts';
import type { FileProblem } from './file-problem.ts';
import type { DeploymentEntry } from './schema.ts';

/** An entry of a list in an experiment file, and where in the list it stands. */
export interface Entry<T> {
  readonly index: number;
  readonly value: T;
}

/** A deployment and every word that means it: its topology, the name of its entry, and its own. */
export interface NamedDeployment {
  readonly deployment: Deployment;
  /** What its entry is called: the same for all sizes of a range. */
  readonly entry: string;
  readonly names: readonly string[];
}

const numbers = ['processes', 'threadsPerProcess', 'databaseConnections'] as const;
/** What an entry chooses for one of its sizes. */
type Chosen = Partial<Record<(typeof numbers)[number], number>> & Pick<Deployment, 'containers' | 'hidden'>;
type Sized = Omit<Extract<DeploymentEntry, object>, 'topology'>;

/** The deployments that the entries list, each combination of a range's numbers for itself, on so many CPUs. */
export function deploymentsOf(
  entries: readonly Entry<DeploymentEntry>[],
  cpus: number,
): { deployments: NamedDeployment[]; problems: FileProblem[] } {
  const deployments: NamedDeployment[] = [];
  const problems: FileProblem[] = [];
  for (const { index, value } of entries) {
    const path = ['deployments', index];
    const { topology, ...sized }: Extract<DeploymentEntry, object> =
      typeof value === 'string' ? { topology: value } : value;
    const entry = sized.name ?? (sized.hidden ? `${topology}-hidden` : topology);
    if (entry !== topology && topologyNames.some(other => other === entry)) {
      problems.push({
        path,
        message: `is called "${entry}", which is a topology and not its own: give it another name`,
      });
      continue;
    }
    if (deployments.some(other => other.entry === entry)) {
      problems.push({ path, message: `is called "${entry}" like another one: give it a name` });
      continue;
    }
    for (const chosen of combinations(sized)) {
      // A process for each CPU that its workers may use.
      const limit = limitedCpus(chosen.containers?.workers) ?? cpus;
      const deployment = deploymentOf(topology, Math.max(1, Math.floor(Math.min(cpus, limit))), chosen);
      const name = deploymentName(deployment);
      const refusal = refusalOf(deployment);
      if (refusal !== undefined) problems.push({ path, message: `cannot be: ${refusal}` });
      else if (deployments.some(({ names }) => names.includes(name))) {
        // On some machine one of a range's sizes is the default that is listed as well.
        if (!isRange(sized)) problems.push({ path, message: `is the same as another one: ${name}` });
      } else deployments.push({ deployment, entry, names: [...new Set([topology, entry, name])] });
    }
  }
  return { deployments, problems };
}

function isRange({ containers = {}, ...sized }: Sized): boolean {
  const limits = Object.values(containers).flatMap(one => Object.values(one ?? {}));
  return [...numbers.map(key => sized[key]), ...limits].some(Array.isArray);
}

/** Every combination of one value from each list; what is not listed keeps its default. */
function combinations({ containers = {}, hidden, ...lists }: Sized): Chosen[] {
  let all: Chosen[] = [hidden ? { hidden } : {}];
  const choose = <Value>(list: Value | Value[] | undefined, into: (others: Chosen, value: Value) => Chosen) => {
    if (list !== undefined) all = all.flatMap(others => [list].flat().map(value => into(others, value as Value)));
  };
  for (const key of numbers) choose(lists[key], (others, value) => ({ ...others, [key]: value }));
  for (const container of limitedContainers) {
    const { cpus, cpuset, memory } = containers[container] ?? {};
    choose(cpus, (others, value) => limited(others, container, { cpus: value }));
    choose(cpuset, (others, value) => limited(others, container, { cpuset: value }));
    choose(memory, (others, value) => limited(others, container, { memory: value }));
  }
  return all;
}

function limited(others: Chosen, container: LimitedContainer, limit: ContainerLimits): Chosen {
  const { containers } = others;
  return { ...others, containers: { ...containers, [container]: { ...containers?.[container], ...limit } } };
}
