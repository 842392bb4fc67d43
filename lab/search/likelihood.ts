import type { Experiment } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Fraction } from '../../model/quantities.ts';
import type { LoadPoint } from './load-curve.ts';
import { normalDensity } from './normal.ts';
import { type Grid, SATURATIONS } from './posterior-grid.ts';
import { passProbability, type QueueModel } from './queue-model.ts';
import { noiseAt, type SaturationReading, saturationReading, spoiledReading } from './saturation-reading.ts';

/** A trial is worth nothing now and then: a pause of the machine fails any load. */
const MISLED: Fraction = 0.03;

/** A trial's likelihood does not change: a search asks for it again after every trial. */
const likelihoods = new WeakMap<Measurement, { readonly grid: Grid; readonly logs: Float64Array }>();

/** ln of how likely each point of the grid makes what a trial has shown. */
export function likelihoodOf(point: LoadPoint, grid: Grid, experiment: Experiment): Float64Array {
  const { arrivalRate, trial, verdict } = point;
  return knownOr(point, grid, () =>
    logsOf(saturationReading(point, experiment, grid.light), noiseOf(point, grid, experiment), grid, model => {
      const pass = passProbability(model, arrivalRate, trial.phases, grid.limit);
      return verdict.met ? pass : 1 - pass;
    }),
  );
}

/** The same of a trial that the generator spoiled: its verdict tells nothing. */
export function spoiledLikelihoodOf(point: LoadPoint, grid: Grid, experiment: Experiment): Float64Array {
  return knownOr(point, grid, () =>
    logsOf(spoiledReading(point, experiment, grid.light), noiseOf(point, grid, experiment), grid, () => 1),
  );
}

function knownOr(point: LoadPoint, grid: Grid, compute: () => Float64Array): Float64Array {
  const known = likelihoods.get(point.measurement);
  if (known?.grid === grid) return known.logs;
  const logs = compute();
  likelihoods.set(point.measurement, { grid, logs });
  return logs;
}

/** ln ∫ N(ε; 0, noise) N(reading; ln μ + ε, error) P(outcome | μ e^ε, v) dε for each μ and v. */
function logsOf(
  reading: SaturationReading | undefined,
  noise: Fraction,
  { saturations, burstinesses, reach, step }: Grid,
  outcome: (model: QueueModel) => Fraction,
): Float64Array {
  const kernel = kernelOf(noise, step);
  const half = (kernel.length - 1) / 2;
  const first = saturations[0] ?? 0;
  const logs = new Float64Array(burstinesses.length * SATURATIONS);
  for (const [row, burstiness] of burstinesses.entries()) {
    const atSpeed = Float64Array.from({ length: SATURATIONS + 2 * half }, (_, index) => {
      const logSaturation = first + (index - half) * step;
      return (
        outcome({ saturation: Math.exp(logSaturation), burstiness }) *
        readingDensity(reading, logSaturation, { reach, step })
      );
    });
    for (let column = 0; column < SATURATIONS; column++) {
      let sum = 0;
      for (let offset = 0; offset < kernel.length; offset++) {
        sum += (kernel[offset] ?? 0) * (atSpeed[column + offset] ?? 0);
      }
      logs[row * SATURATIONS + column] = Math.log((1 - MISLED) * sum + (MISLED * 0.5) / reach);
    }
  }
  return logs;
}

/** Between trials of one run; those of several blocks have their workers' starts between them as well. */
function noiseOf(point: LoadPoint, { light }: Grid, { noise, blocks }: Experiment): Fraction {
  const ofSpeed = blocks > 1 ? Math.hypot(noise.betweenTrials, noise.betweenBlocks) : noise.betweenTrials;
  return noiseAt(point, ofSpeed, light);
}

function readingDensity(
  reading: SaturationReading | undefined,
  logSaturation: number,
  { reach, step }: Pick<Grid, 'reach' | 'step'>,
): number {
  if (reading === undefined) return 1 / reach;
  // A reading that is sharper than the grid would fall between its points.
  return normalDensity(reading.logSaturation - logSaturation, Math.max(0.6 * step, reading.error));
}

function kernelOf(deviation: number, step: number): number[] {
  const half = Math.max(1, Math.ceil((3 * deviation) / step));
  const weights = Array.from({ length: 2 * half + 1 }, (_, index) => normalDensity((index - half) * step, deviation));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}
