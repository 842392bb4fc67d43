import { LoadlineError } from '../../model/errors.ts';
import type { Cell, Experiment, Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { isFailureCertain } from '../search/verdict.ts';
import type { MeasureOptions, Stack, TrialProgress } from './runtime.ts';
import { invalidReasonOf } from './validity.ts';

export interface RunTrialOptions {
  readonly signal: AbortSignal;
  /** On the clock of the stack: from here on the trial uses of the budget; otherwise from now on. */
  readonly begin?: Seconds;
  /** A cell as the service is asked; otherwise as it is. */
  readonly inUnits?: (cell: Cell) => Cell;
  readonly lightResponseTime?: MeasureOptions['lightResponseTime'];
  readonly onProgress?: (progress: TrialProgress) => void;
}

/**
 * Makes one measurement and says what it is worth. A trial that cannot be made is a result too (`failed`); only an
 * interruption is thrown.
 */
export async function runTrial(
  trial: Trial,
  experiment: Experiment,
  stack: Stack,
  options: RunTrialOptions,
): Promise<TrialResult> {
  const { begin = stack.now(), inUnits = cell => cell, lightResponseTime } = options;
  // To the microsecond: it does not depend on where its clock stood.
  const elapsed = () => Math.round((stack.now() - begin) * 1e6) / 1e6;
  try {
    // In the file stands what was asked for; what its units are on this machine stands in the header.
    const measurement = await stack.measure(
      { ...trial, cell: inUnits(trial.cell) },
      {
        signal: options.signal,
        objective: experiment.objective.responseTime,
        ...(lightResponseTime !== undefined && { lightResponseTime }),
        onProgress: progress => {
          options.onProgress?.(progress);
          return isFailureCertain(progress, trial, experiment.objective) ? 'stop' : 'go-on';
        },
      },
    );
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
