import type { Deployment } from '../../../model/deployment.ts';
import type { Load, Trial, Workload } from '../../../model/experiment.ts';
import type { TrialResult } from '../../../model/measurement.ts';
import type { ServiceModel } from '../../simulation/service-model.ts';
import { simulateTrial } from '../../simulation/simulate-trial.ts';

/** Completed trials of a service that is known, one for each load. */
export function simulatedTrials(
  service: ServiceModel,
  cpus: number,
  asked: readonly (readonly [Deployment, Workload, readonly Load[]])[],
): TrialResult[] {
  return asked.flatMap(([deployment, workload, loads]) =>
    loads.map((load, index): TrialResult => {
      const trial: Trial = {
        ...{ id: `b0-p${index}`, purpose: 'load' as const, block: 0, position: index, seed: index + 1 },
        cell: { deployment, workload },
        load,
        phases: { warmUp: 2, steadyState: 10, timeLimit: 2.5 },
      };
      const { measurement, elapsed } = simulateTrial(trial, service, { cpus, objective: 0.25 });
      return { state: 'completed', trial, elapsed, measurement };
    }),
  );
}
