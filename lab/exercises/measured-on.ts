import { LoadlineError } from '../../errors/loadline-error.ts';
import { countOverObjective, type Histogram } from '../../loadtests/lib/histogram.ts';
import type { Deployment } from '../../services/deployment.ts';
import type { Measurement, TrialResult } from '../experiment/trial-result.ts';
import type { Fraction, PerSecond } from '../experiment/units.ts';
import type { Reading } from './exercise.ts';
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

/** The part of the responses that came later than the objective. */
export function partOver(responseTime: Histogram): Fraction {
  return countOverObjective(responseTime) / responseTime.count;
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
export function agreement(what: string, { measured, answer, unit, within }: Figures, more: string[] = []): Reading {
  return {
    agrees: Math.abs(measured / answer - 1) <= within,
    sentences: [...more, `${what} ${inUnit(measured, unit)}; computed are ${inUnit(answer, unit)}.`],
  };
}
