import { topologyOf } from '../../services/topologies.ts';
import type { Workload } from '../experiment/experiment.ts';
import type { PerSecond } from '../experiment/units.ts';
import type { CapacityModel, Effort } from './capacity-model.ts';
import type { StablePrediction } from './prediction.ts';
import type { Sizes } from './sizes.ts';

/** A size that carries what is wanted while the next smaller one does not. */
export interface SmallestSize {
  readonly sizes: Sizes;
  readonly size: number;
  /** At what is wanted. */
  readonly prediction: StablePrediction;
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

/**
 * The smallest size on one of these lines that meets the objective at `arrivalRate`: formulas find where it must be, the
 * simulation decides. Lines with more processes are looked at only where those before cannot do it, whatever their size.
 */
export function smallestSize(model: CapacityModel, lines: readonly Sizes[], wanted: Wanted): SmallestSize | undefined {
  for (const sizes of lines) {
    const found = onLine(model, sizes, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

function onLine(model: CapacityModel, sizes: Sizes, wanted: Wanted): SmallestSize | undefined {
  const { least, most, step } = sizes;
  const estimated = (size: number) => model.estimatedCapacity(sizes.at(size), wanted.workload);
  const all = estimated(most);
  // Formulas are a few percent off: only what they rule out by far is not simulated.
  if (all < wanted.arrivalRate / DOUBT) return undefined;
  // Where even the largest is too small by formulas, from where on more helps no more.
  const load = { model: 'open', arrivalRate: Math.min(wanted.arrivalRate, NEARLY * all) } as const;
  const begin = firstWhere(size => {
    const estimate = model.estimate(sizes.at(size), wanted.workload, load);
    return estimate.state === 'stable' && estimate.met;
  }, sizes);
  let best = carried(model, sizes, begin, wanted);
  if (best !== undefined) {
    for (let size = begin - step, steps = 0; size >= least && steps < MOST_STEPS; size -= step, steps++) {
      const smaller = carried(model, sizes, size, wanted);
      if (smaller === undefined) break;
      best = smaller;
    }
    return best;
  }
  for (let size = begin + step, steps = 0; size <= most && steps < MOST_STEPS; steps++) {
    best = carried(model, sizes, size, wanted);
    if (best !== undefined) return best;
    size += step * Math.max(1, Math.round((GROWN * size) / step));
  }
  return undefined;
}

/** Formulas are no further off than that. */
const DOUBT = 1.3;
const NEARLY = 0.995;
/** Upwards in steps of this part: a few percent more or fewer make no other answer. */
const GROWN = 0.02;

function carried(model: CapacityModel, sizes: Sizes, size: number, wanted: Wanted): SmallestSize | undefined {
  const { workload, arrivalRate, effort } = wanted;
  const load = { model: 'open', arrivalRate } as const;
  const deployment = sizes.at(size);
  const prediction =
    effort === undefined
      ? model.estimate(deployment, workload, load)
      : model.predict(deployment, workload, load, effort);
  return prediction.state === 'stable' && prediction.met ? { sizes, size, prediction } : undefined;
}

/** The smallest size for which something holds that holds for all larger ones; the largest where it holds for none. */
function firstWhere(holds: (size: number) => boolean, { least, most, step }: Sizes): number {
  let [low, high] = [0, Math.round((most - least) / step)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(least + middle * step)) high = middle;
    else low = middle + 1;
  }
  return least + low * step;
}

/** Whether the model was fitted to the app that the topology runs. */
export function isMeasured(model: CapacityModel, topology: Sizes['topology']): boolean {
  return model.fitted.measured.apps.includes(topologyOf(topology).app);
}
