import { Worker } from 'node:worker_threads';
import { LoadlineError } from '../../../model/errors.ts';
import type { ComputedTrial, ThreadAnswer, TrialToCompute } from './thread.ts';

interface Task {
  readonly asked: TrialToCompute;
  readonly settle: PromiseWithResolvers<ComputedTrial>;
}

interface ThreadsOptions {
  /** How many compute at once; each is started when it is first needed. */
  readonly count: number;
  /** What each of them runs; another one in tests. */
  readonly program?: URL;
}

/** Threads that simulate trials, first come, first served. Idle threads do not keep the process alive. */
export class Threads {
  readonly #count: number;
  readonly #program: URL;
  readonly #queue: Task[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();

  constructor({ count, program = new URL('thread.ts', import.meta.url) }: ThreadsOptions) {
    this.#count = count;
    this.#program = program;
  }

  /** Simulates a trial on the next thread that is free. */
  compute(asked: TrialToCompute): Promise<ComputedTrial> {
    const task: Task = { asked, settle: Promise.withResolvers() };
    // The budget may end before its turn, and then its failure is of no interest.
    task.settle.promise.catch(() => undefined);
    this.#queue.push(task);
    this.#next();
    return task.settle.promise;
  }

  /** Gives up all trials that are not computed yet, and ends the threads that compute them. */
  async giveUp(reason: unknown = new Error('the simulation was given up')): Promise<void> {
    const atWork = [...this.#busy];
    this.#busy.clear();
    for (const { settle } of this.#queue.splice(0)) settle.reject(reason);
    for (const [, { settle }] of atWork) settle.reject(reason);
    await Promise.all(atWork.map(([thread]) => thread.terminate()));
  }

  #next(): void {
    while (this.#queue.length > 0 && this.#busy.size < this.#count) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      const thread = this.#idle.pop() ?? this.#started();
      this.#busy.set(thread, task);
      thread.ref();
      thread.postMessage(task.asked);
    }
  }

  #started(): Worker {
    const thread = new Worker(this.#program);
    thread.on('message', (answer: ThreadAnswer) => this.#answered(thread, answer));
    thread.on('error', error => this.#lost(thread, error.message));
    thread.on('messageerror', error => this.#lost(thread, error.message));
    thread.on('exit', code => this.#lost(thread, `it ended with ${code}`));
    return thread;
  }

  #answered(thread: Worker, answer: ThreadAnswer): void {
    const task = this.#busy.get(thread);
    if (task === undefined) return;
    this.#busy.delete(thread);
    thread.unref();
    this.#idle.push(thread);
    if ('computed' in answer) task.settle.resolve(answer.computed);
    else task.settle.reject(refusal(answer.refused));
    this.#next();
  }

  /** A thread that is gone takes its trial with it; the next trial gets another one. */
  #lost(thread: Worker, why: string): void {
    const index = this.#idle.indexOf(thread);
    if (index >= 0) this.#idle.splice(index, 1);
    const task = this.#busy.get(thread);
    if (task === undefined) return;
    this.#busy.delete(thread);
    void thread.terminate();
    const message = `The thread that simulated the trial ${task.asked.trial.id} broke down: ${why}. Simulate with fewer threads: --parallel 1`;
    task.settle.reject(new LoadlineError('simulation-failed', message));
    this.#next();
  }
}

/** What a simulation in this thread would have thrown. */
function refusal({ code, message }: Extract<ThreadAnswer, { refused: unknown }>['refused']): Error {
  return code === undefined ? new Error(message) : new LoadlineError(code, message);
}
