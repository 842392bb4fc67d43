import { lightLookOf } from '../../lab/search/saturation.ts';
import { seededRandom } from '../../lab/search/seeded.ts';
import { capacityPhases, lightTrial } from '../../lab/search/trial-plan.ts';
import { verdictOf } from '../../lab/search/verdict.ts';
import type { ServiceModel } from '../../lab/simulation/service-model.ts';
import type { Experiment, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { type Found, simulated } from './simulated-search.ts';

/** More trials than this mean that nothing is found. */
const MOST_TRIALS = 40;

/**
 * The adaptive method of Nighthawk (envoyproxy/nighthawk, its exponential search step controller): the load is doubled
 * while it is carried, or halved until it is, and then bisected until high ÷ low ≤ `precision`. It starts where
 * Loadline's search does, from half of what a light look lets expect, and its trials are as long, but for that first
 * one, which Loadline makes a shorter one. Nighthawk's trials do not stop early; with `stopsEarly` these do.
 */
export function doublingAndBisecting(
  experiment: Experiment,
  model: ServiceModel,
  precision: number,
  stopsEarly: boolean,
): Found | undefined {
  const [cell] = experiment.cells;
  if (cell === undefined) return undefined;
  const random = seededRandom(experiment.seed);
  const results: TrialResult[] = [];
  const run = (load: Pick<Trial, 'purpose' | 'load' | 'phases'>): TrialResult => {
    const position = results.length;
    const trial = { id: `t${position}`, cell, ...load, seed: Math.floor(random() * 2 ** 31), block: 1, position };
    const result = simulated(trial, experiment, model, stopsEarly);
    results.push(result);
    return result;
  };
  const isCarried = (arrivalRate: PerSecond): boolean => {
    const phases = capacityPhases(arrivalRate, experiment);
    const result = run({ purpose: 'capacity', load: { model: 'open', arrivalRate }, phases });
    return result.state === 'completed' && verdictOf(result.trial, result.measurement, experiment.objective).met;
  };

  run({ purpose: 'light', ...lightTrial(cell, experiment) });
  const light = lightLookOf(results, experiment);
  if (light === undefined) return undefined;
  let low: PerSecond | undefined;
  let high: PerSecond | undefined;
  for (let load = light.saturation / 2; results.length < MOST_TRIALS; ) {
    if (isCarried(load)) low = load;
    else high = load;
    if (low !== undefined && high !== undefined) {
      if (high / low <= precision) {
        const seconds = results.reduce((sum, { elapsed }) => sum + elapsed, 0);
        return { low, estimate: Math.sqrt(low * high), high, seconds };
      }
      load = (low + high) / 2;
    } else load = high === undefined ? load * 2 : load / 2;
  }
  return undefined;
}
