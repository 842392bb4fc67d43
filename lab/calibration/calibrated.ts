import type { Experiment, Noise, Objective, ValidityLimits } from '../../model/experiment.ts';
import type { Fraction } from '../../model/quantities.ts';
import type { Calibration } from './calibration.ts';

/** An experiment that knows the machine it is for; without a calibration as it is. */
export function calibrated(experiment: Experiment, calibration: Calibration | undefined): Experiment {
  if (calibration === undefined) return experiment;
  const validity = validityOf(calibration, experiment.objective);
  return { ...experiment, noise: noiseOf(calibration), validity };
}

/** From ten starts a deviation is known to about a quarter, and one that really is there may be found to be none. */
const LEAST_NOISE: Fraction = 0.01;

/** The noise of the machine that was calibrated. */
export function noiseOf({ noise }: Calibration): Noise {
  return {
    betweenTrials: Math.max(LEAST_NOISE, noise.betweenTrials),
    betweenBlocks: Math.max(LEAST_NOISE, noise.betweenBlocks),
    source: 'calibrated',
  };
}

/**
 * The levels above which a trial on that machine is invalid: twice what it showed while it was measured, and a margin
 * for its being a sample; never so low that any trial would be, nor so high that a trial could be believed no more.
 */
export function validityOf({ noise }: Calibration, { responseTime }: Pick<Objective, 'responseTime'>): ValidityLimits {
  return {
    scheduleLag: between(0.1, (2 * (noise.scheduleLag?.most ?? 0)) / responseTime, 0.2),
    steal: between(0.02, 2 * noise.steal.most, 0.1),
    others: between(0.15, 2 * noise.others.most, 0.35),
  };
}

function between(least: Fraction, value: Fraction, most: Fraction): Fraction {
  return Math.min(most, Math.max(least, value));
}
