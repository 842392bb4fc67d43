import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment, Noise, Objective, ValidityLimits } from '../../model/experiment.ts';
import type { Fraction } from '../../model/quantities.ts';
import { describeEnvironment } from '../run/environment.ts';
import { isQuiet } from './bars.ts';
import { type Calibration, calibrationSchema } from './calibration.ts';

/** The machine as far as a calibration depends on it. */
export function describeMachine(root: string): Calibration['machine'] {
  const { cpuModel, cpus, kernel } = describeEnvironment(root);
  return { cpuModel, cpus, kernel };
}

/**
 * The calibration of a checkout for that runtime; `undefined` when there is none, when it is another machine's, or when the
 * machine was busy: its noise and limits would excuse every disturbance.
 */
export function readCalibration(root: string, runtime: string): Calibration | undefined {
  let calibration: Calibration;
  try {
    calibration = calibrationSchema.parse(JSON.parse(readFileSync(calibrationPath(root, runtime), 'utf8')));
  } catch {
    // Absent, cut off or of another version: calibrating again takes four minutes.
    return undefined;
  }
  const here = describeMachine(root);
  const { cpuModel, cpus, kernel } = calibration.machine;
  const fits = cpuModel === here.cpuModel && cpus === here.cpus && kernel === here.kernel;
  return fits && isQuiet(calibration) ? calibration : undefined;
}

/** Keeps a calibration for later comparisons; gives its file. */
export async function writeCalibration(root: string, calibration: Calibration): Promise<string> {
  const file = calibrationPath(root, calibration.runtime);
  await mkdir(join(root, '.loadline'), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(calibration, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}

function calibrationPath(root: string, runtime: string): string {
  return join(root, '.loadline', `calibration-${runtime}.json`);
}

/** An experiment with the noise and limits of the calibrated machine; without a calibration as it is. */
export function calibrated(experiment: Experiment, calibration: Calibration | undefined): Experiment {
  if (calibration === undefined) return experiment;
  const validity = deriveValidity(calibration, experiment.objective);
  return { ...experiment, noise: summarizeNoise(calibration), validity };
}

/** From ten starts a deviation is known to about a quarter, and may by chance be found to be 0. */
const LEAST_NOISE: Fraction = 0.01;

export function summarizeNoise({ noise }: Calibration): Noise {
  return {
    betweenTrials: Math.max(LEAST_NOISE, noise.betweenTrials),
    betweenBlocks: Math.max(LEAST_NOISE, noise.betweenBlocks),
    source: 'calibrated',
  };
}

/** The limits above which a trial on that machine is invalid: twice what it showed while it was measured, within bounds. */
export function deriveValidity(
  { noise }: Calibration,
  { responseTime }: Pick<Objective, 'responseTime'>,
): ValidityLimits {
  const between = (least: Fraction, value: Fraction, most: Fraction) => Math.min(most, Math.max(least, value));
  return {
    scheduleLag: between(0.1, (2 * (noise.scheduleLag?.most ?? 0)) / responseTime, 0.2),
    steal: between(0.02, 2 * noise.steal.most, 0.1),
    others: between(0.15, 2 * noise.others.most, 0.35),
  };
}
