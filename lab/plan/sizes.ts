import { type Deployment, deploymentOf, refusalOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited, type Topology, type TopologyName } from '../../model/topology.ts';
import { workerDemandOf } from '../simulation/service-model.ts';
import type { CapacityModel, Effort } from './capacity-model.ts';
import { FORMULAS_OFF } from './formulas.ts';
import type { PlannedMachine } from './question.ts';

/** The most workers, and database connections, of one machine where nothing limits them. */
const MOST_WORKERS = 1024;
const MOST_CONNECTIONS = 4096;

/**
 * The sizes of a topology in one dimension: blocking workers one by one, in one process or shared out over several, or
 * the connections of so many event loops.
 */
export interface SizeLine {
  readonly topology: TopologyName;
  readonly least: number;
  readonly most: number;
  /** Every size is a multiple of this. */
  readonly step: number;
  at(size: number): Deployment;
}

/** The lines along which a topology can grow on this machine, those with the fewest processes first. */
export function listSizeLines(spec: Topology, { cpus, databaseConnections }: PlannedMachine): SizeLine[] {
  if (!canBeSimulated(deploymentOf(spec, cpus))) return [];
  const topology = spec.name;
  const line = (processes: number | 'one each', step: number, least: number, limit: number): SizeLine[] => {
    const most = Math.floor(limit / step) * step;
    const at = (size: number): Deployment => ({
      ...{ topology, spec, databaseConnections: size },
      processes: processes === 'one each' ? size : processes,
      threadsPerProcess: limited && processes !== 'one each' ? size / processes : 1,
    });
    return most >= least && refusalOf(at(least)) === undefined ? [{ topology, least, most, step, at }] : [];
  };
  const { processes, threads } = spec.sizes;
  const limited = isConcurrencyLimited(spec);
  const workers = Math.min(MOST_WORKERS, databaseConnections ?? MOST_WORKERS);
  if (limited && threads === undefined) return line('one each', 1, 1, workers);
  if (limited) {
    // With one thread in each process, or one process, it would be another topology.
    const counts = processes === undefined ? [1] : countsUpTo(Math.max(2, cpus)).slice(1);
    return counts.flatMap(several => line(several, several, 2 * several, workers));
  }
  const loops = processes === undefined ? [1] : countsUpTo(cpus).slice(cpus > 1 ? 1 : 0);
  return loops.flatMap(several => line(several, several, several, databaseConnections ?? MOST_CONNECTIONS));
}

/** 1, 2, 3, 4, 6, 8, 12, 16, …: of many CPUs not every number. */
function countsUpTo(cpus: number): number[] {
  const all = [1, 2, 3, ...[4, 8, 16, 32, 64, 128, 256].flatMap(power => [power, power * 1.5])];
  return [...new Set([...all.filter(number => number < cpus), cpus])];
}

/** A size that carries a load while the next smaller one does not. */
interface SmallestSize {
  readonly line: SizeLine;
  readonly size: number;
}

/** The load that a size must carry. */
interface WantedLoad {
  readonly workload: Workload;
  readonly arrivalRate: PerSecond;
  /** Of each simulation; without it formulas decide. */
  readonly effort?: Effort | undefined;
}

/** Steps from what formulas say to what the simulation says. */
const MOST_STEPS = 12;
/** Upwards in steps of this part of the size. */
const GROWN = 0.02;
/** Part of the capacity of the largest size from which on more helps no more. */
const NEARLY = 0.995;

/**
 * The smallest size on these lines that meets the objective at a load: formulas find where it must be, the simulation
 * decides. The line whose smallest size takes least memory is tried first.
 */
export function findSmallestSize(
  model: CapacityModel,
  lines: readonly SizeLine[],
  wanted: WantedLoad,
): SmallestSize | undefined {
  const { workload, arrivalRate } = wanted;
  const starts = lines.flatMap(line => {
    const size = findStart(model, line, wanted);
    if (size === undefined) return [];
    const { memory } = model.estimate(line.at(size), workload, { model: 'open', arrivalRate });
    return [{ line, size, memory: memory.workers + memory.postgres }];
  });
  for (const { line, size } of starts.sort((a, b) => a.memory - b.memory)) {
    const found = searchLine(model, line, size, wanted);
    if (found !== undefined) return { line, size: found };
  }
  return undefined;
}

/** The size of a line that carries most: where demand grows with the number of workers more are not always more. */
export function findPeak(model: CapacityModel, { at, least, most, step }: SizeLine, workload: Workload): number {
  if (workerDemandOf(model.fitted.service, at(least).spec.app).growth === undefined) return most;
  const capacityAt = (size: number) => model.estimatedCapacity(at(size), workload);
  let peak = least;
  // Half as many again, in whole steps.
  const next = (size: number) => Math.max(size + step, Math.floor((1.5 * size) / step) * step);
  for (let size = least; size <= most; size = next(size)) {
    if (capacityAt(size) > capacityAt(peak)) peak = size;
  }
  return capacityAt(most) > capacityAt(peak) ? most : peak;
}

/** Where to start on a line, by formulas; `undefined` where all of it is far too small. */
function findStart(model: CapacityModel, line: SizeLine, { workload, arrivalRate }: WantedLoad): number | undefined {
  const { at, least, step } = line;
  const peak = findPeak(model, line, workload);
  if (!model.carries(at(peak), workload, arrivalRate / FORMULAS_OFF)) return undefined;
  const sought = model.carries(at(peak), workload, arrivalRate)
    ? arrivalRate
    : NEARLY * model.estimatedCapacity(at(peak), workload);
  // The smallest size that carries it, as all larger ones do.
  let [low, high] = [0, Math.round((peak - least) / step)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (model.carries(at(least + middle * step), workload, sought)) high = middle;
    else low = middle + 1;
  }
  return least + low * step;
}

/** Down from a size that carries the load, or up from one that does not. */
function searchLine(model: CapacityModel, line: SizeLine, start: number, wanted: WantedLoad): number | undefined {
  const { at, least, most, step } = line;
  const { workload, arrivalRate, effort } = wanted;
  const isCarried = (size: number) => {
    if (effort === undefined) return model.carries(at(size), workload, arrivalRate);
    const prediction = model.predict(at(size), workload, { model: 'open', arrivalRate }, effort);
    return prediction.state === 'stable' && prediction.met;
  };
  let size = start;
  if (isCarried(start)) {
    for (let steps = 0; steps < MOST_STEPS && size - step >= least && isCarried(size - step); steps++) size -= step;
    return size;
  }
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    size += step * Math.max(1, Math.round((GROWN * size) / step));
    if (size > most) return undefined;
    if (isCarried(size)) return size;
  }
  return undefined;
}
