import { cellName, type Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { seededRandom } from '../search/seeded.ts';
import { measuredService } from '../simulation/service-model.ts';
import { drawnBelief } from './drawn-belief.ts';
import { fitService } from './fit-service.ts';
import type { FittedModel } from './fitted-model.ts';
import { measuredRange } from './measured-range.ts';
import { observeTrials, type TrialObservation } from './trial-observation.ts';

/** What a model is fitted to: a run, or a part of it. */
export interface Measured {
  readonly experiment: Experiment;
  readonly runtime: string;
  readonly results: readonly TrialResult[];
}

/** Enough for a standard deviation to within a quarter. */
const REPLICATES = 10;

/** The model of a run's service; only cells for which `isFitted` holds are looked at. Deterministic. */
export function fitModel(
  { experiment, runtime, results }: Measured,
  isFitted: (name: string) => boolean = () => true,
): FittedModel {
  const { cpus, objective, topologies, cells, noise, seed, name } = experiment;
  const observations = observeTrials(results, measuredService).filter(({ cell }) => isFitted(cellName(cell)));
  const { service, growths } = fitService(observations, cpus, name);
  const random = seededRandom(seed, 0x6d6f_6465);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const replicates = Array.from({ length: observations.length === 0 ? 0 : REPLICATES }, () => {
    const believed = drawnBelief(measuredService, normal);
    return fitService(resampled(observations, random), cpus, name, { believed, near: service, growths }).service;
  });
  return {
    ...{ schema: 2, run: name, runtime, cpus, objective, topologies, service, replicates },
    workloads: [...new Map(cells.map(({ workload }) => [workload.name, workload])).values()],
    noise: noise.betweenBlocks,
    growths,
    measured: measuredRange(observations),
  };
}

/** As many trials, drawn anew with replacement (B. Efron's bootstrap). */
function resampled(observations: readonly TrialObservation[], random: () => number): TrialObservation[] {
  return observations.flatMap(() => observations[Math.floor(random() * observations.length)] ?? []);
}
