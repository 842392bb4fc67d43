import { invalidReasonOf } from '../../lab/run/validity.ts';
import { capacityOf } from '../../lab/search/capacity.ts';
import { isFailureCertain } from '../../lab/search/early-stop.ts';
import { nextBlock } from '../../lab/search/next-block.ts';
import type { ServiceModel } from '../../lab/simulation/service-model.ts';
import { simulateTrial, slownessOf } from '../../lab/simulation/simulate-trial.ts';
import type { Experiment, Noise, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';

/** What a search found, and the seconds of load that it took. */
export interface Found {
  readonly low: PerSecond;
  readonly estimate: PerSecond;
  readonly high: PerSecond;
  readonly seconds: Seconds;
}

/** A trial on a simulated machine with the experiment's noise; with `stopsEarly` as soon as its outcome is certain. */
export function simulated(trial: Trial, experiment: Experiment, model: ServiceModel, stopsEarly: boolean): TrialResult {
  const { objective, cpus } = experiment;
  const { measurement, elapsed } = simulateTrial(trial, model, {
    cpus,
    objective: objective.responseTime,
    slowness: slownessOf(trial, experiment),
    onProgress: progress => (stopsEarly && isFailureCertain(progress, trial, objective) ? 'stop' : 'go-on'),
  });
  const reason = invalidReasonOf(measurement, trial, experiment);
  return reason
    ? { state: 'invalid', trial, elapsed, measurement, reason }
    : { state: 'completed', trial, elapsed, measurement };
}

/**
 * Loadline's own search of the experiment's one cell, on a machine with this noise, whatever the experiment believes;
 * `undefined` when it ends without an interval.
 */
export function loadlineSearch(experiment: Experiment, noise: Noise, model: ServiceModel): Found | undefined {
  const results: TrialResult[] = [];
  for (let [trial] = nextBlock(experiment, results); trial; [trial] = nextBlock(experiment, results)) {
    results.push(simulated(trial, { ...experiment, noise }, model, true));
  }
  const [cell] = experiment.cells;
  const capacity = cell && capacityOf(cell, results, experiment);
  if (capacity?.state !== 'bracketed') return undefined;
  const { low, estimate, high } = capacity;
  return { low, estimate, high, seconds: results.reduce((sum, { elapsed }) => sum + elapsed, 0) };
}
