import { type RequestParameters, type RouteName, routes } from '../../model/contract/contract.ts';
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
import type { Cell, Workload, WorkloadRequest } from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import { topologyNames } from '../../model/topology.ts';
import { type FileProblem, rejectWord } from './problems.ts';
import type { DeploymentEntry, WorkloadEntry } from './schema.ts';
import { isShipped, shippedNames, shippedWorkloads } from './shipped-workloads.ts';

/** A cell and the words that mean its deployment. */
export interface NamedCell {
  readonly cell: Cell;
  readonly names: readonly string[];
  /** A plan's model is not fitted to it. */
  readonly heldOut: boolean;
}

/** An entry of a list in an experiment file, and its index in the list. */
export interface Entry<T> {
  readonly index: number;
  readonly value: T;
}

interface List<T> {
  readonly entries: readonly Entry<T>[];
  /** Whether all entries of the file can be understood. */
  readonly areAll: boolean;
}

/** The lists of an experiment file, as far as their entries can be understood. */
interface CellLists {
  readonly deployments: List<DeploymentEntry>;
  readonly workloads: List<WorkloadEntry>;
}

/** Puts every workload on each of its deployments, and finds what is wrong with the lists. */
export function combineCells(lists: CellLists, cpus: number): { cells: NamedCell[]; problems: FileProblem[] } {
  const { deployments, problems: impossible } = readDeployments(lists.deployments.entries, cpus);
  const { workloads, problems: unclear } = readWorkloads(lists.workloads);
  const problems = [...impossible, ...unclear];
  const areAll = lists.deployments.areAll && impossible.length === 0;
  /** The deployments that a list of a workload means, each once. */
  const findMeant = (names: readonly string[], list: readonly PropertyKey[], among: readonly NamedDeployment[]) => {
    const meant = new Set<NamedDeployment>();
    for (const [position, name] of names.entries()) {
      const path = [...list, position];
      const own = among.filter(({ names }) => names.includes(name));
      if (own.length === 0 && areAll) {
        problems.push({ path, message: rejectWord(name, [...new Set(among.map(({ entry }) => entry))]) });
      }
      if (own.some(deployment => meant.has(deployment))) problems.push({ path, message: `names "${name}" twice` });
      for (const deployment of own) meant.add(deployment);
    }
    return meant;
  };
  const cells = workloads.flatMap(({ index, workload, given }) => {
    const at = ['workloads', index];
    const placed = given.deployments
      ? [...findMeant(given.deployments, [...at, 'deployments'], deployments)]
      : deployments;
    const heldOut = findMeant(given.heldOut ?? [], [...at, 'heldOut'], placed);
    return placed.map(one => ({
      cell: { deployment: one.deployment, workload },
      names: one.names,
      heldOut: heldOut.has(one),
    }));
  });
  return { cells, problems };
}

/** A deployment and every word that means it: its topology, the name of its entry, and its own. */
interface NamedDeployment {
  readonly deployment: Deployment;
  /** The name of its entry: the same for all sizes of a range. */
  readonly entry: string;
  readonly names: readonly string[];
}

const numbers = ['processes', 'threadsPerProcess', 'databaseConnections'] as const;
/** What an entry chooses for one of its sizes. */
type Chosen = Partial<Record<(typeof numbers)[number], number>> & Pick<Deployment, 'containers' | 'hidden'>;
type Sized = Omit<Extract<DeploymentEntry, object>, 'topology'>;

/** The deployments that the entries list, one for each combination of a range's numbers. */
function readDeployments(
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
      problems.push({ path, message: `is called "${entry}", which is another topology: give it another name` });
      continue;
    }
    if (deployments.some(other => other.entry === entry)) {
      problems.push({ path, message: `is called "${entry}" like another one: give it a name` });
      continue;
    }
    for (const chosen of combineSizes(sized)) {
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
function combineSizes({ containers = {}, hidden, ...lists }: Sized): Chosen[] {
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

type OwnWorkload = Exclude<WorkloadEntry, string>;

interface PlacedWorkload {
  readonly index: number;
  readonly workload: Workload;
  /** Its entry: where it runs, and where a model is not fitted to it. */
  readonly given: OwnWorkload;
}

/** The workloads that the entries list; a name is only said to be unknown if all entries are understood. */
function readWorkloads({ entries, areAll }: List<WorkloadEntry>): {
  workloads: PlacedWorkload[];
  problems: FileProblem[];
} {
  const workloads: PlacedWorkload[] = [];
  const problems: FileProblem[] = [];
  const own = new Map<string, OwnWorkload>();
  for (const { value } of entries) {
    if (typeof value !== 'string' && (value.requests ?? value.mix)) own.set(value.name, value);
  }
  for (const { index, value } of entries) {
    const path = ['workloads', index];
    const given: OwnWorkload = typeof value === 'string' ? { name: value } : value;
    const { name } = given;
    if (workloads.some(({ workload }) => workload.name === name)) {
      const at = typeof value === 'string' ? path : [...path, 'name'];
      problems.push({ path: at, message: `is taken: there is another "${name}"` });
    }
    const found = readRequests(given, own, path, areAll);
    problems.push(...found.problems);
    workloads.push({ index, workload: { name, requests: found.requests }, given });
  }
  return { workloads, problems };
}

interface FoundRequests {
  readonly requests: readonly WorkloadRequest[];
  readonly problems: readonly FileProblem[];
}

function readRequests(
  { name, requests, mix }: OwnWorkload,
  own: ReadonlyMap<string, OwnWorkload>,
  path: readonly PropertyKey[],
  areAll: boolean,
): FoundRequests {
  if (requests !== undefined && mix !== undefined) {
    return { requests, problems: [{ path: [...path, 'mix'], message: 'and requests exclude each other: give one' }] };
  }
  if (requests !== undefined) {
    const problems = requests.flatMap(({ route, parameters }, position) =>
      parameterProblems(route, parameters, [...path, 'requests', position, 'parameters']),
    );
    return { requests, problems };
  }
  if (mix !== undefined) return mixRequests(mix, own, [...path, 'mix'], areAll);
  if (isShipped(name)) return { requests: shippedWorkloads[name], problems: [] };
  const message = `${rejectWord(name, shippedNames)}; a workload of your own needs requests or a mix`;
  return { requests: [], problems: [{ path: [...path, 'name'], message }] };
}

/** The requests of several workloads, each with its share: a workload's weight is shared out over its own requests. */
function mixRequests(
  mix: Readonly<Record<string, number>>,
  own: ReadonlyMap<string, OwnWorkload>,
  path: readonly PropertyKey[],
  areAll: boolean,
): FoundRequests {
  const problems: FileProblem[] = [];
  const known = [...new Set([...own.keys(), ...shippedNames])];
  const requests = Object.entries(mix).flatMap(([name, share]) => {
    const at = [...path, name];
    const parts = own.get(name)?.requests ?? (isShipped(name) ? shippedWorkloads[name] : undefined);
    if (own.get(name)?.mix !== undefined) {
      problems.push({ path: at, message: 'is a mix itself: name the workloads that it is made of' });
    } else if (parts === undefined && areAll) {
      problems.push({ path: at, message: rejectWord(name, known) });
    }
    const total = (parts ?? []).reduce((sum, { weight }) => sum + weight, 0);
    return (parts ?? []).map(part => ({ ...part, weight: (share * part.weight) / total }));
  });
  if (Object.keys(mix).length === 0) problems.push({ path, message: 'has too few entries: at least 1' });
  return { requests, problems };
}

/** CPU time that one request may ask for. */
const MOST_CPU: Seconds = 2;

/** Finds what is wrong with a request's parameters: unknown, missing, or outside of their limits. */
export function parameterProblems(
  route: RouteName,
  parameters: RequestParameters,
  path: readonly PropertyKey[],
): FileProblem[] {
  const rules = routes[route].parameters;
  const takesUnits = rules.some(rule => rule.name === 'units');
  const names = [...rules.map(rule => rule.name), ...(takesUnits ? ['cpuSeconds'] : [])];
  const problems: FileProblem[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const at = [...path, name];
    const rule = rules.find(one => one.name === name);
    if (name === 'cpuSeconds' && takesUnits) {
      if ('units' in parameters) problems.push({ path: at, message: 'and units say the same thing: give one of them' });
      if (!(value >= 0 && value <= MOST_CPU)) {
        problems.push({ path: at, message: `is ${value}, not from 0 to ${MOST_CPU}` });
      }
    } else if (rule === undefined) {
      const known = names.length === 0 ? 'no parameters' : names.join(', ');
      problems.push({ path: at, message: `is not known: ${route} takes ${known}` });
    } else if (!Number.isInteger(value) || value < rule.minimum || value > rule.maximum) {
      problems.push({ path: at, message: `is ${value}, not a whole number from ${rule.minimum} to ${rule.maximum}` });
    }
  }
  for (const rule of rules) {
    const given = rule.name in parameters || (rule.name === 'units' && 'cpuSeconds' in parameters);
    if (rule.default === undefined && !given) {
      const instead = rule.name === 'units' ? ' (or cpuSeconds)' : '';
      problems.push({ path, message: `lacks ${rule.name}${instead}, which ${route} needs` });
    }
  }
  return problems;
}
