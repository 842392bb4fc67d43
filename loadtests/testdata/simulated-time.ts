import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Time that passes only when it is told to, a millisecond at a time; timers and promises keep up with it. */
export class SimulatedTime {
  readonly #timers;
  /** Seconds that work has taken, in which no timer ran. */
  #worked = 0;

  constructor(context: TestContext) {
    this.#timers = context.mock.timers;
    this.#timers.enable({ apis: ['setTimeout', 'Date'] });
  }

  /** In seconds. */
  readonly now = (): number => Date.now() / 1000 + this.#worked;

  /** Takes so many seconds at once, as work does. */
  work(seconds: number): void {
    this.#worked += seconds;
  }

  async pass(seconds: number): Promise<void> {
    for (let elapsed = 0; elapsed < Math.round(seconds * 1000); elapsed++) {
      this.#timers.tick(1);
      await nextTurn();
    }
  }
}
