import { LoadlineError } from '../../errors/loadline-error.ts';
import { isFailureCertain } from '../analysis/early-stop.ts';
import type { Experiment, Trial } from '../experiment/experiment.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import type { Stack, TrialProgress } from './runtime.ts';
import { invalidReasonOf } from './validity.ts';

/**
 * Makes one measurement and says what it is worth. A trial that cannot be made is a result too (`failed`); only an
 * interruption is thrown.
 */
export async function runTrial(
  trial: Trial,
  experiment: Experiment,
  stack: Stack,
  options: { signal: AbortSignal; onProgress?: (progress: TrialProgress) => void },
): Promise<TrialResult> {
  const begin = stack.now();
  const elapsed = () => stack.now() - begin;
  try {
    const measurement = await stack.measure(trial, {
      signal: options.signal,
      objective: experiment.objective.responseTime,
      onProgress: progress => {
        options.onProgress?.(progress);
        return isFailureCertain(progress, trial, experiment.objective) ? 'stop' : 'go-on';
      },
    });
    const reason = invalidReasonOf(measurement, trial, experiment);
    return reason
      ? { state: 'invalid', trial, elapsed: elapsed(), measurement, reason }
      : { state: 'completed', trial, elapsed: elapsed(), measurement };
  } catch (error) {
    options.signal.throwIfAborted();
    const code = error instanceof LoadlineError ? error.code : 'internal';
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'failed', trial, elapsed: elapsed(), error: { code, message } };
  }
}
