import { parentPort } from 'node:worker_threads';
import { LoadlineError } from '../../../model/errors.ts';
import { type ComputedTrial, computeTrial, type TrialToCompute } from './computed-trial.ts';

/** What a thread answers. */
export type ThreadAnswer =
  | { readonly computed: ComputedTrial }
  /** The simulation refused the trial; without a code it was not meant to. */
  | { readonly refused: { readonly code?: LoadlineError['code']; readonly message: string } };

/** One of the threads that simulate: a trial in, what was computed of it out. */
parentPort?.on('message', (asked: TrialToCompute) => parentPort?.postMessage(answerTo(asked)));

function answerTo(asked: TrialToCompute): ThreadAnswer {
  try {
    return { computed: computeTrial(asked) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { refused: { message, ...(error instanceof LoadlineError && { code: error.code }) } };
  }
}
