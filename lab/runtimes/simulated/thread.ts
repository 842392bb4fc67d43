/** The program of a thread that simulates: a trial in, what was computed of it out. */
import { parentPort } from 'node:worker_threads';
import { LoadlineError } from '../../../model/errors.ts';
import type { Objective, Trial } from '../../../model/experiment.ts';
import type { Fraction } from '../../../model/quantities.ts';
import type { TrialProgress } from '../../run/runtime.ts';
import { isFailureCertain } from '../../search/verdict.ts';
import type { ServiceModel } from '../../simulation/service-model.ts';
import { type SimulatedTrial, simulateTrial } from '../../simulation/simulate-trial.ts';

/** A trial to be computed before it is measured: plain data, for a thread. */
export interface TrialToCompute {
  readonly trial: Trial;
  readonly model: ServiceModel;
  readonly cpus: number;
  readonly slowness: Fraction;
  readonly objective: Objective;
}

/** What was computed of a trial, with all progress that it would have told on the way. */
export interface ComputedTrial extends SimulatedTrial {
  readonly looks: readonly TrialProgress[];
}

/** What a thread answers. */
export type ThreadAnswer =
  | { readonly computed: ComputedTrial }
  /** The simulation refused the trial; without a code that is a bug. */
  | { readonly refused: { readonly code?: LoadlineError['code']; readonly message: string } };

parentPort?.on('message', (asked: TrialToCompute) => parentPort?.postMessage(answerTo(asked)));

function answerTo(asked: TrialToCompute): ThreadAnswer {
  try {
    return { computed: computeTrial(asked) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { refused: { message, ...(error instanceof LoadlineError && { code: error.code }) } };
  }
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
