import type { Experiment, Trial } from '../../model/experiment.ts';
import { meanOf, varianceOf } from '../../model/histogram.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { lightLoad } from './phases.ts';
import { cpuPerRequest, saturationOf } from './saturation.ts';

/** What a light trial lets expect of a deployment. */
export interface LightLook {
  /** The throughput at which a resource is used up, by the service demands of the light trial. */
  readonly saturation: PerSecond;
  /** Mean response time when nobody waits. */
  readonly responseTime: Seconds;
  /** Squared coefficients of variation of arrivals, which is 1, and of the response time when nobody waits. */
  readonly burstiness: number;
  /** Requests that were looked at. */
  readonly requests: number;
  /** What was completed, and the CPU seconds of a request, of all components together. */
  readonly throughput: PerSecond;
  readonly cpu: Seconds;
}

/** More variation than this in a look at some dozens of requests is rather a pause of the machine than the work. */
const MOST_VARIATION = 15;

/** A search asks for the same one after every trial, and what is computed from it is kept with it. */
const looks = new WeakMap<Measurement, { readonly experiment: Experiment; readonly look: LightLook }>();

/** What the light trial of a cell, by its own results, lets expect; `undefined` before it was made. */
export function lightLookOf(own: readonly TrialResult[], experiment: Experiment): LightLook | undefined {
  const light = own.find(({ state, trial }) => state === 'completed' && trial.purpose === 'light');
  if (light?.state !== 'completed' || light.measurement.responseTimeFromSend.count === 0) return undefined;
  const known = looks.get(light.measurement);
  if (known?.experiment === experiment) return known.look;
  const look = lookAt(light.trial, light.measurement, experiment);
  looks.set(light.measurement, { experiment, look });
  return look;
}

function lookAt(trial: Trial, measurement: Measurement, { cpus }: Experiment): LightLook {
  const { responseTimeFromSend } = measurement;
  const mean = meanOf(responseTimeFromSend);
  return {
    saturation: saturationOf(trial, measurement, cpus)?.load ?? lightLoad(trial.cell),
    responseTime: mean,
    burstiness: 1 + Math.min(MOST_VARIATION, varianceOf(responseTimeFromSend) / mean ** 2),
    requests: responseTimeFromSend.count,
    throughput: measurement.throughput,
    cpu: cpuPerRequest(measurement),
  };
}
