import { type Deployment, deploymentName } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { capacityOf } from '../search/capacity.ts';
import type { CapacityModel } from './capacity-model.ts';
import type { Measured } from './fit-model.ts';

/** Which of the measured sizes is the smallest that carries a load. */
export interface SizeQuestion {
  readonly workload: string;
  readonly arrivalRate: PerSecond;
  /** Names of deployments, the smallest first. */
  readonly sizes: readonly string[];
  readonly predicted: string;
  readonly measured: string;
  readonly right: boolean;
}

interface MeasuredSize {
  readonly cell: Cell;
  readonly size: number;
  readonly low: PerSecond;
  readonly high: PerSecond;
}

/**
 * A question for each gap between the capacities of sizes that differ in nothing but their number of workers, or of
 * connections: at a load outside of the measured intervals, so that what is right is known. `requests`: that are
 * simulated for each capacity.
 */
export function sizeQuestions(
  model: CapacityModel,
  { experiment, results }: Measured,
  requests: number,
): SizeQuestion[] {
  const measured = experiment.cells.flatMap((cell): MeasuredSize[] => {
    const capacity = capacityOf(cell, results, experiment);
    if (capacity.state !== 'bracketed') return [];
    return [{ cell, size: sizeOf(cell.deployment), low: capacity.low, high: capacity.high }];
  });
  const families = Map.groupBy(measured, ({ cell }) => familyOf(cell)).values();
  return [...families].flatMap(family =>
    questionsOf(
      family.sort((a, b) => a.size - b.size),
      model,
      requests,
    ),
  );
}

function questionsOf(family: readonly MeasuredSize[], model: CapacityModel, requests: number): SizeQuestion[] {
  if (family.length < 2) return [];
  const sizes = family.map(({ cell }) => deploymentName(cell.deployment));
  const capacities = family.map(
    ({ cell }) => model.capacityOf(cell.deployment, cell.workload, { requests, seed: 1 }).estimate,
  );
  const smallestAt = (arrivalRate: PerSecond, carried: readonly PerSecond[]) =>
    sizes[carried.findIndex(capacity => capacity >= arrivalRate)] ?? 'none of them';
  return family.flatMap(({ cell, low }, index): SizeQuestion[] => {
    // That the smallest of all carries less than it does is no question.
    if (index === 0) return [];
    const smaller = Math.max(...family.slice(0, index).map(({ high }) => high));
    // Where intervals meet nobody knows which is right.
    if (smaller >= low) return [];
    const arrivalRate = Math.sqrt(smaller * low);
    const measured = sizes[index] ?? '';
    const predicted = smallestAt(arrivalRate, capacities);
    return [{ workload: cell.workload.name, arrivalRate, sizes, predicted, measured, right: predicted === measured }];
  });
}

/** Blocking workers, or the connections of so many loops; loops where a family differs in them. */
function sizeOf(deployment: Deployment): number {
  const { spec, processes, databaseConnections } = deployment;
  return isConcurrencyLimited(spec) ? deriveParallelism(deployment).workers : processes * 10_000 + databaseConnections;
}

/** What workload and topology they share; one loop and several are sizes of one thing. */
function familyOf({ workload, deployment }: Cell): string {
  const { topology, spec } = deployment;
  return `${workload.name} ${isConcurrencyLimited(spec) ? topology : spec.app}`;
}
