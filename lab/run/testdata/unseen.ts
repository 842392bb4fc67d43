import type { ExperimentEvents } from '../run-experiment.ts';

/** Nobody looks on. */
export const unseen: ExperimentEvents = {
  onStep: () => undefined,
  onTrialStart: () => undefined,
  onTrialProgress: () => undefined,
  onTrialEnd: () => undefined,
  onResume: () => undefined,
};
