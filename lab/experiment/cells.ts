import { routes } from '../../services/contract.ts';
import { type Deployment, deploymentName, deploymentOf, refusalOf } from '../../services/deployment.ts';
import { closestWord } from './closest-word.ts';
import type { Cell } from './experiment.ts';
import type { ExperimentFile } from './schema.ts';

/** Something in an experiment file that cannot be, and where. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Request = ExperimentFile['workloads'][number]['requests'][number];

/** Seconds of CPU that one request may ask for. */
const MOST_CPU_SECONDS = 2;

/** Every workload on each of its deployments, and what in the file cannot be. */
export function cellsOf(file: ExperimentFile, cpus: number): { cells: Cell[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const deployments = deploymentsOf(file, cpus, problems);
  const workloads = new Set<string>();
  const cells = file.workloads.flatMap((workload, index) => {
    const path = ['workloads', index];
    if (workloads.has(workload.name))
      problems.push({ path: [...path, 'name'], message: `is taken: "${workload.name}"` });
    workloads.add(workload.name);
    for (const [position, request] of workload.requests.entries()) {
      problems.push(...parameterProblems(request, [...path, 'requests', position, 'parameters']));
    }
    const { name, requests } = workload;
    const wanted = workload.deployments ?? [...deployments.keys()];
    return wanted.flatMap((deploymentKey, position) => {
      const deployment = deployments.get(deploymentKey);
      const at = [...path, 'deployments', position];
      if (deployment === undefined) {
        problems.push({ path: at, message: noneOf(deploymentKey, [...deployments.keys()]) });
        return [];
      }
      if (wanted.indexOf(deploymentKey) < position)
        problems.push({ path: at, message: `names "${deploymentKey}" twice` });
      return [{ deployment, workload: { name, requests } }];
    });
  });
  return { cells, problems };
}

/** What was typed where one of `valid` is expected, and what was probably meant. */
export function noneOf(typed: string, valid: readonly string[]): string {
  const meant = closestWord(typed, valid);
  const list = valid.join(', ');
  return meant === undefined
    ? `is "${typed}"; it can be ${list}`
    : `is "${typed}"; did you mean "${meant}"? It can be ${list}`;
}

function deploymentsOf(file: ExperimentFile, cpus: number, problems: Problem[]): Map<string, Deployment> {
  const deployments = new Map<string, Deployment>();
  const taken = new Set<string>();
  for (const [
    index,
    { name, topology, processes, threadsPerProcess, databaseConnections },
  ] of file.deployments.entries()) {
    const path = ['deployments', index];
    const deployment = deploymentOf(topology, cpus, {
      ...(processes !== undefined && { processes }),
      ...(threadsPerProcess !== undefined && { threadsPerProcess }),
      ...(databaseConnections !== undefined && { databaseConnections }),
    });
    const refusal = refusalOf(deployment);
    if (refusal !== undefined) problems.push({ path, message: `cannot be: ${refusal}` });
    const key = name ?? topology;
    if (deployments.has(key)) problems.push({ path, message: `is called "${key}" like another one: give it a name` });
    else if (taken.has(deploymentName(deployment))) problems.push({ path, message: 'is the same as another one' });
    deployments.set(key, deployment);
    taken.add(deploymentName(deployment));
  }
  return deployments;
}

function parameterProblems({ route, parameters }: Request, path: readonly PropertyKey[]): Problem[] {
  const rules = routes[route].parameters;
  const takesUnits = rules.some(rule => rule.name === 'units');
  const names = [...rules.map(rule => rule.name), ...(takesUnits ? ['cpuSeconds'] : [])];
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const at = [...path, name];
    const rule = rules.find(one => one.name === name);
    if (name === 'cpuSeconds' && takesUnits) {
      if ('units' in parameters) problems.push({ path: at, message: 'and units say the same thing: give one of them' });
      if (!(value >= 0 && value <= MOST_CPU_SECONDS)) {
        problems.push({ path: at, message: `is ${value}, not from 0 to ${MOST_CPU_SECONDS}` });
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
