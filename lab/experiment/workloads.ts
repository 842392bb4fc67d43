import type { Workload, WorkloadRequest } from '../../model/experiment.ts';
import { noneOf } from './closest-word.ts';
import type { Entry } from './deployments.ts';
import type { FileProblem } from './file-problem.ts';
import { parameterProblems } from './request-parameters.ts';
import type { WorkloadEntry } from './schema.ts';
import { isShipped, shippedNames, shippedWorkloads } from './shipped-workloads.ts';

/** A workload and, if it does not run on all deployments, the names of those that it runs on. */
export interface PlacedWorkload {
  readonly index: number;
  readonly workload: Workload;
  readonly deployments?: readonly string[];
  /** The names of those on which a model is held against it. */
  readonly heldOut?: readonly string[];
}

type OwnWorkload = Exclude<WorkloadEntry, string>;

/** The workloads that the entries list; `areAll`: whether there are no others, so that a name can be said to be unknown. */
export function workloadsOf(
  entries: readonly Entry<WorkloadEntry>[],
  areAll: boolean,
): { workloads: PlacedWorkload[]; problems: FileProblem[] } {
  const workloads: PlacedWorkload[] = [];
  const problems: FileProblem[] = [];
  const own = new Map<string, OwnWorkload>();
  for (const { value } of entries) if (typeof value !== 'string' && isDefined(value)) own.set(value.name, value);
  for (const { index, value } of entries) {
    const path = ['workloads', index];
    const given: OwnWorkload = typeof value === 'string' ? { name: value } : value;
    const { name } = given;
    if (workloads.some(({ workload }) => workload.name === name)) {
      problems.push({
        path: typeof value === 'string' ? path : [...path, 'name'],
        message: `is taken: there is another "${name}"`,
      });
    }
    const found = requestsOf(given, own, path, areAll);
    problems.push(...found.problems);
    workloads.push({
      index,
      workload: { name, requests: found.requests },
      ...(given.deployments && { deployments: given.deployments }),
      ...(given.heldOut && { heldOut: given.heldOut }),
    });
  }
  return { workloads, problems };
}

interface FoundRequests {
  readonly requests: readonly WorkloadRequest[];
  readonly problems: readonly FileProblem[];
}

function requestsOf(
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
  if (mix !== undefined) return mixed(mix, own, [...path, 'mix'], areAll);
  if (isShipped(name)) return { requests: shippedWorkloads[name], problems: [] };
  const message = `${noneOf(name, shippedNames)}; a workload of your own needs requests or a mix`;
  return { requests: [], problems: [{ path: [...path, 'name'], message }] };
}

/** The requests of several workloads, each with its share: a workload's weight is shared out over its own requests. */
function mixed(
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
      problems.push({ path: at, message: 'is a mix itself: name what it is made of' });
    } else if (parts === undefined && areAll) {
      problems.push({ path: at, message: noneOf(name, known) });
    }
    const total = (parts ?? []).reduce((sum, { weight }) => sum + weight, 0);
    return (parts ?? []).map(part => ({ ...part, weight: (share * part.weight) / total }));
  });
  if (Object.keys(mix).length === 0) problems.push({ path, message: 'has too few entries: at least 1' });
  return { requests, problems };
}

function isDefined({ requests, mix }: OwnWorkload): boolean {
  return requests !== undefined || mix !== undefined;
}
