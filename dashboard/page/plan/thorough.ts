import type { Asked, PlanOrRefusal } from './plan-or-refusal.ts';

/** What came of a simulation: an answer, or what it broke down at. */
export type Simulated = PlanOrRefusal | { readonly broken: string };

let idle: Worker | undefined;

/** Has a question simulated beside the page, which goes on moving; what is given back takes the question back. */
export function askThoroughly(asked: Asked, onEnd: (simulated: Simulated) => void): () => void {
  let worker: Worker;
  try {
    worker = idle ?? new Worker(new URL('./thorough.worker.ts', import.meta.url), { type: 'module' });
  } catch (cause) {
    onEnd({ broken: wordsOf(cause) });
    return () => {};
  }
  idle = undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    worker.onmessage = null;
    worker.onmessageerror = null;
    worker.onerror = null;
  };
  const breakDown = (broken: string): void => {
    end();
    worker.terminate();
    onEnd({ broken });
  };
  worker.onmessage = ({ data }: MessageEvent<PlanOrRefusal>) => {
    end();
    idle = worker;
    onEnd(data);
  };
  worker.onmessageerror = () => breakDown('Its answer could not be read.');
  // Of one that could not be loaded there are no words.
  worker.onerror = ({ message }) => breakDown(message || 'It did not start.');
  worker.postMessage(asked);
  return () => {
    if (isOver) return;
    end();
    // It would go on with what nobody asks any more.
    worker.terminate();
  };
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
