import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { type LoadPoint, loadCurveOf, resultsOf, spoiledLoadsOf } from './load-curve.ts';
import { type Posterior, posteriorOf } from './posterior.ts';
import { type LightLook, lightLookOf } from './saturation.ts';

/** What the results say of a cell that has had its light look. */
export interface Knowledge {
  readonly light: LightLook;
  readonly curve: readonly LoadPoint[];
  /** Loads that the generator could not offer. */
  readonly spoiled: readonly LoadPoint[];
  readonly posterior: Posterior;
}

/** What is known of a cell; `undefined` before its light look. */
export function knowledgeOf(
  cell: Cell,
  results: readonly TrialResult[],
  experiment: Experiment,
): Knowledge | undefined {
  const own = resultsOf(cell, results);
  const light = lightLookOf(own, experiment);
  if (light === undefined) return undefined;
  const curve = loadCurveOf(cell, own, experiment.objective);
  const spoiled = spoiledLoadsOf(cell, own, experiment.objective);
  return { light, curve, spoiled, posterior: posteriorOf(light, { curve, spoiled }, experiment) };
}
