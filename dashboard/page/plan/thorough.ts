import type { FittedModel } from '../../../lab/planner/fitted-model.ts';
import type { Question } from '../../../lab/planner/question.ts';
import type { Plan } from '../../../lab/planner/recommendation.ts';

/** What the worker is asked. */
export interface ThoroughQuestion {
  readonly fitted: FittedModel;
  readonly question: Question;
}

/** What it answers. */
export type ThoroughAnswer = { readonly plan: Plan } | { readonly failure: string };

let idle: Worker | undefined;

/** Has a question simulated beside the page, which goes on moving; what is given back takes the question back. */
export function askThoroughly(asked: ThoroughQuestion, onAnswer: (answer: ThoroughAnswer) => void): () => void {
  const worker = idle ?? new Worker(new URL('./thorough.worker.ts', import.meta.url), { type: 'module' });
  idle = undefined;
  worker.onmessage = ({ data }: MessageEvent<ThoroughAnswer>) => {
    worker.onmessage = null;
    idle = worker;
    onAnswer(data);
  };
  worker.onerror = ({ message }) => onAnswer({ failure: message || 'The simulation did not start.' });
  worker.postMessage(asked);
  return () => {
    // It would go on with what nobody asks any more.
    if (idle !== worker) worker.terminate();
  };
}
