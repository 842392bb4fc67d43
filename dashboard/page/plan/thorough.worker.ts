import { planFor } from '../../../lab/planner/plan.ts';
import type { ThoroughAnswer, ThoroughQuestion } from './thorough.ts';

/** Simulates each question that it is sent, and answers with the plan. */
self.onmessage = ({ data: { fitted, question } }: MessageEvent<ThoroughQuestion>) => {
  self.postMessage(answerTo({ fitted, question }));
};

function answerTo({ fitted, question }: ThoroughQuestion): ThoroughAnswer {
  try {
    return { plan: planFor(fitted, question, { decide: 'simulation' }) };
  } catch (cause) {
    return { failure: cause instanceof Error ? cause.message : String(cause) };
  }
}
