import type { Deployment } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Objective } from '../../model/experiment.ts';
import { countOverObjective, type Histogram } from '../../model/histogram.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import { type Fraction, type PerSecond, percent, type Seconds } from '../../model/quantities.ts';
import type { TopologyName } from '../../model/topology.ts';
import type { Agreement } from './exercise.ts';
import { type AnswerUnit, inUnit } from './quantity.ts';

/** Which trial of a measured exercise is meant: by any of the numbers of its deployment, and by its arrivals. */
export type MeantTrial = Partial<Deployment> & { readonly arrivalRate?: PerSecond };

/** What the trial measured that is meant; an error that says why it measured nothing. */
export function measuredOn(results: readonly TrialResult[], { arrivalRate, ...meant }: MeantTrial): Measurement {
  const own = results.filter(
    ({ trial: { cell, load } }) =>
      Object.entries(meant).every(([key, value]) => cell.deployment[key as keyof Deployment] === value) &&
      (arrivalRate === undefined || (load.model === 'open' && load.arrivalRate === arrivalRate)),
  );
  for (const result of own) if (result.state === 'completed') return result.measurement;
  const last = own.at(-1);
  const why = last === undefined ? 'there was no time for it' : whyNot(last);
  throw new LoadlineError(
    'nothing-measured',
    `What the exercise needs of ${meant.topology ?? 'its deployment'} could not be measured: ${why}. Stop what else runs here and try again.`,
  );
}

/** The part of the responses that came later than the objective; all of them where there was none. */
export function partOver(responseTime: Histogram): Fraction {
  return responseTime.count === 0 ? 1 : countOverObjective(responseTime) / responseTime.count;
}

/** When the last response of a burst came, in seconds; NaN where not each of its requests has one. */
export function lastOf({ responses = [] }: Measurement, requests: number): Seconds {
  if (responses.length < requests) return Number.NaN;
  return Math.max(...responses.map(({ responseTime }) => responseTime));
}

/** The agreement that these measurements show: none where requests failed or none was answered. */
export function disagreeIfFailed(measurements: readonly Measurement[], { agrees, sentences }: Agreement): Agreement {
  const failed = measurements.reduce((sum, measurement) => sum + failuresOf(measurement), 0);
  const isSilent = measurements.some(({ responseTime }) => responseTime.count === 0);
  const troubles = [
    ...(failed > 0 ? [`Requests that failed or were never answered: ${failed}. So nothing is shown.`] : []),
    ...(isSilent ? ['Not a single request was answered: nothing is shown.'] : []),
  ];
  return { agrees: agrees && troubles.length === 0, sentences: [...sentences, ...troubles] };
}

function failuresOf({ errors: { timeout, ...others }, neverAnswered }: Measurement): number {
  // What is never answered has timed out, if anybody waited for so long.
  return Object.values(others).reduce((sum, count) => sum + count, Math.max(timeout, neverAnswered));
}

/** Whether a topology met the objective at each of these loads. */
export function objectiveMet(
  results: readonly TrialResult[],
  topology: TopologyName,
  arrivalRates: readonly PerSecond[],
  { quantile, responseTime }: Objective,
): Agreement {
  const measurements = arrivalRates.map(arrivalRate => measuredOn(results, { topology, arrivalRate }));
  const over = measurements.map(measurement => partOver(measurement.responseTime));
  const allowed = 1 - quantile;
  return disagreeIfFailed(measurements, {
    agrees: over.every(part => part <= allowed),
    sentences: over.map(
      (part, index) =>
        `At ${inUnit(arrivalRates[index] ?? Number.NaN, '/s')} ${percent(part)} of the answers came later than ${inUnit(responseTime, 's')}; allowed are ${percent(allowed)}.`,
    ),
  });
}

function whyNot(result: TrialResult): string {
  if (result.state === 'failed') return result.error.message;
  return result.state === 'invalid' ? `the trial is invalid (${result.reason.kind})` : 'nothing was completed';
}

/** A figure that was measured against the one that was computed. */
interface Figures {
  readonly measured: number;
  readonly answer: number;
  readonly unit: AnswerUnit;
  /** So far apart they still agree. */
  readonly within: Fraction;
}

/** Says of a figure what was measured and what was computed, and whether they agree. */
export function agreement(
  what: string,
  measurements: readonly Measurement[],
  { measured, answer, unit, within }: Figures,
  more: string[] = [],
): Agreement {
  return disagreeIfFailed(measurements, {
    agrees: Math.abs(measured / answer - 1) <= within,
    sentences: [...more, `${what} ${inUnit(measured, unit)}; computed are ${inUnit(answer, unit)}.`],
  });
}
