import type { Workload } from '../../model/experiment.ts';
import type { PerSecond } from '../../model/quantities.ts';
import type { Topology } from '../../model/topology.ts';
import { workerDemandOf } from '../simulation/service-model.ts';
import type { CapacityModel, Effort } from './capacity-model.ts';
import type { FittedModel } from './fitted-model.ts';
import { FORMULAS_OFF } from './formulas.ts';
import type { SizeLine } from './size-lines.ts';

/** A size that carries what is wanted while the next smaller one does not. */
export interface SmallestSize {
  readonly line: SizeLine;
  readonly size: number;
}

/** What somebody wants a deployment to carry. */
export interface Wanted {
  readonly workload: Workload;
  readonly arrivalRate: PerSecond;
  /** Of each simulation; without it formulas decide. */
  readonly effort?: Effort;
}

/** Steps from what formulas say to what the simulation says. */
const MOST_STEPS = 12;
/** Upwards in steps of this part: a few percent more or fewer make no other answer. */
const GROWN = 0.02;
/** Where even the largest is too small by formulas, from where on more helps no more. */
const NEARLY = 0.995;

/**
 * The smallest size on one of these lines that meets the objective at `arrivalRate`: formulas find where it must be, the
 * simulation decides. Of several lines (two loops, three loops, …) the one whose smallest takes least memory is first.
 */
export function smallestSize(
  model: CapacityModel,
  lines: readonly SizeLine[],
  wanted: Wanted,
): SmallestSize | undefined {
  const begun = lines.flatMap(line => {
    const size = beginOf(model, line, wanted);
    return size === undefined ? [] : [{ line, size, memory: memoryOf(model, line, size, wanted) }];
  });
  for (const { line, size } of begun.sort((a, b) => a.memory - b.memory)) {
    const found = onLine(model, line, size, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The size of a line that carries most: where demand grows with the number of workers more are not always more. */
export function peakOf(model: CapacityModel, { at, least, most, step }: SizeLine, workload: Workload): number {
  const { app } = at(least).spec;
  if (workerDemandOf(model.fitted.service, app).growth === undefined) return most;
  const capacityAt = (size: number) => model.estimatedCapacity(at(size), workload);
  let peak = least;
  for (let size = least; size <= most; size = next(size, step)) {
    if (capacityAt(size) > capacityAt(peak)) peak = size;
  }
  // Only as much larger as it carries clearly more.
  return capacityAt(most) > capacityAt(peak) ? most : peak;
}

/** Half as many again, in whole steps. */
function next(size: number, step: number): number {
  return Math.max(size + step, Math.floor((1.5 * size) / step) * step);
}

/** Where to look on a line; `undefined` where all of it is far too small. */
function beginOf(model: CapacityModel, line: SizeLine, { workload, arrivalRate }: Wanted): number | undefined {
  const peak = peakOf(model, line, workload);
  const largest = line.at(peak);
  if (!model.carries(largest, workload, arrivalRate / FORMULAS_OFF)) return undefined;
  const sought = model.carries(largest, workload, arrivalRate)
    ? arrivalRate
    : NEARLY * model.estimatedCapacity(largest, workload);
  return firstWhere(size => model.carries(line.at(size), workload, sought), { ...line, most: peak });
}

function onLine(model: CapacityModel, line: SizeLine, begin: number, wanted: Wanted): SmallestSize | undefined {
  const { least, most, step } = line;
  if (isCarried(model, line, begin, wanted)) {
    let best = begin;
    for (let steps = 0; steps < MOST_STEPS && best - step >= least; steps++) {
      if (!isCarried(model, line, best - step, wanted)) break;
      best -= step;
    }
    return { line, size: best };
  }
  let size = begin;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    size += step * Math.max(1, Math.round((GROWN * size) / step));
    if (size > most) return undefined;
    if (isCarried(model, line, size, wanted)) return { line, size };
  }
  return undefined;
}

function isCarried(model: CapacityModel, line: SizeLine, size: number, wanted: Wanted): boolean {
  const { workload, arrivalRate, effort } = wanted;
  const deployment = line.at(size);
  if (effort === undefined) return model.carries(deployment, workload, arrivalRate);
  const prediction = model.predict(deployment, workload, { model: 'open', arrivalRate }, effort);
  return prediction.state === 'stable' && prediction.met;
}

function memoryOf(model: CapacityModel, line: SizeLine, size: number, { workload, arrivalRate }: Wanted): number {
  const { memory } = model.estimate(line.at(size), workload, { model: 'open', arrivalRate });
  return memory.workers + memory.postgres;
}

/** The smallest size for which something holds that holds for all larger ones; the largest where it holds for none. */
function firstWhere(holds: (size: number) => boolean, { least, most, step }: SizeLine): number {
  let [low, high] = [0, Math.round((most - least) / step)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(least + middle * step)) high = middle;
    else low = middle + 1;
  }
  return least + low * step;
}

/** Whether the model was fitted to the app that the topology runs. */
export function isMeasured({ measured }: Pick<FittedModel, 'measured'>, { app }: Pick<Topology, 'app'>): boolean {
  return measured.apps.includes(app);
}
