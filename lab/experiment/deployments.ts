import { type Deployment, deploymentName, deploymentOf, refusalOf } from '../../services/deployment.ts';
import { topologyNames } from '../../services/topologies.ts';
import type { Problem } from './problem.ts';
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
type Numbers = Partial<Record<(typeof numbers)[number], number>>;

/** The deployments that the entries list, each combination of a range's numbers for itself, on so many CPUs. */
export function deploymentsOf(
  entries: readonly Entry<DeploymentEntry>[],
  cpus: number,
): { deployments: NamedDeployment[]; problems: Problem[] } {
  const deployments: NamedDeployment[] = [];
  const problems: Problem[] = [];
  for (const { index, value } of entries) {
    const path = ['deployments', index];
    const { topology, ...sized } = typeof value === 'string' ? { topology: value } : value;
    const entry = ('name' in sized ? sized.name : undefined) ?? topology;
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
    const isRange = numbers.some(key => Array.isArray(sized[key as keyof typeof sized]));
    for (const chosen of combinations(sized)) {
      const deployment = deploymentOf(topology, cpus, chosen);
      const name = deploymentName(deployment);
      const refusal = refusalOf(deployment);
      if (refusal !== undefined) problems.push({ path, message: `cannot be: ${refusal}` });
      else if (deployments.some(({ names }) => names.includes(name))) {
        // On some machine one of a range's sizes is the default that is listed as well.
        if (!isRange) problems.push({ path, message: `is the same as another one: ${name}` });
      } else deployments.push({ deployment, entry, names: [...new Set([topology, entry, name])] });
    }
  }
  return { deployments, problems };
}

/** Every combination of one number from each list; a number that is not listed keeps its default. */
function combinations(lists: { [key in (typeof numbers)[number]]?: number | number[] | undefined }): Numbers[] {
  return numbers.reduce<Numbers[]>(
    (chosen, key) => {
      const list = lists[key];
      if (list === undefined) return chosen;
      return chosen.flatMap(others => [list].flat().map(number => ({ ...others, [key]: number })));
    },
    [{}],
  );
}
