import { type Experiment, isLimited, isModelled } from '../../model/experiment.ts';
import { fitModel } from '../plan/fit.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { type RunScore, scoreRun } from '../plan/score.ts';
import type { Report } from './report.ts';

/** The model that was fitted to a run's trials, or why there is none. */
export type RunModel =
  | {
      readonly state: 'fitted';
      /** To all trials. */
      readonly fitted: FittedModel;
      /** Of one that was fitted to a part of them; `undefined` where the experiment holds out no cell. */
      readonly score: RunScore | undefined;
    }
  | { readonly state: 'none'; readonly reason: string };

/** The model of a run's service, from its trials alone: the same trials give the same model. */
export function modelOf({
  experiment,
  results,
  comparison,
}: Pick<Report, 'experiment' | 'results' | 'comparison'>): RunModel {
  const measured = { experiment, results, runtime: comparison.runtime };
  const fitted = fitModel(measured);
  if (fitted.measured.trials === 0) {
    return {
      state: 'none',
      reason: reasonForNone(experiment),
    };
  }
  // It takes several seconds, which nobody has to wait for who did not ask for it.
  const score = experiment.heldOut === undefined ? undefined : scoreRun(measured);
  return { state: 'fitted', fitted: { ...fitted, ...(score && { score: score.summary }) }, score };
}

function reasonForNone({ cells }: Experiment): string {
  if (cells.every(isLimited)) return 'every deployment has limits of containers, which the model does not know';
  if (!cells.some(isModelled)) return 'the deployments are hidden, or have workers that the simulation does not know';
  return 'no trial of a capacity or a load was completed, so there is nothing to fit it to';
}
