import type { Objective, Trial } from '../../../model/experiment.ts';
import type { Fraction } from '../../../model/quantities.ts';
import type { MeasureOptions, TrialProgress } from '../../run/runtime.ts';
import { isFailureCertain } from '../../search/verdict.ts';
import type { ServiceModel } from '../../simulation/service-model.ts';
import { type SimulatedTrial, simulateTrial } from '../../simulation/simulate-trial.ts';

/** A trial that is to be computed before anybody looks on: plain data, so that a thread can be given it. */
export interface TrialToCompute {
  readonly trial: Trial;
  readonly model: ServiceModel;
  readonly cpus: number;
  readonly slowness: Fraction;
  readonly objective: Objective;
}

/** What was computed of it, and all that whoever measures it would have been told on the way. */
export interface ComputedTrial extends SimulatedTrial {
  readonly looks: readonly TrialProgress[];
}

/** Simulates a trial up to where it would be stopped early. */
export function computeTrial({ trial, model, cpus, slowness, objective }: TrialToCompute): ComputedTrial {
  const looks: TrialProgress[] = [];
  const simulated = simulateTrial(trial, model, {
    cpus,
    slowness,
    objective: objective.responseTime,
    onProgress: progress => {
      looks.push(progress);
      return isFailureCertain(progress, trial, objective) ? 'stop' : 'go-on';
    },
  });
  return { ...simulated, looks };
}

/** Tells afterwards how the trial went; `false`: whoever measures it would have stopped it elsewhere. */
export function isStoppedAlike(
  { looks, measurement }: ComputedTrial,
  onProgress: MeasureOptions['onProgress'],
): boolean {
  return looks.every((look, index) => {
    const isStopped = measurement.stoppedEarly && index === looks.length - 1;
    return (onProgress(look) === 'stop') === isStopped;
  });
}
