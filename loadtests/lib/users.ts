import { exponential, type Random } from '../../model/random.ts';

/**
 * A closed load: each user sends a request, waits for the answer, thinks, and sends the next. Think times are
 * exponential and users begin by thinking, so that they do not march in step.
 */
export class Users {
  readonly #random: Random;
  readonly #send: (intended: number) => Promise<number>;
  readonly #now: () => number;
  readonly #thinking = new Set<ReturnType<typeof setTimeout>>();
  #wanted = 0;
  /** Users that think or wait for an answer. */
  #present = 0;
  #thinkTime = 0;

  /** `send` sends a request that was due at `intended`; resolves to the time at which it ended, in seconds. */
  constructor(random: Random, send: (intended: number) => Promise<number>, now: () => number) {
    this.#random = random;
    this.#send = send;
    this.#now = now;
  }

  /**
   * So many users from now on, who think for so many seconds on average. Users beyond them leave at once if they think,
   * otherwise with their answer.
   */
  change(users: number, thinkTime: number): void {
    const now = this.#now();
    this.#wanted = users;
    if (thinkTime !== this.#thinkTime) {
      this.#thinkTime = thinkTime;
      // An exponential time has no memory: what is left of it is drawn again.
      for (const timer of [...this.#thinking]) {
        this.#wake(timer);
        this.#think(now);
      }
    }
    for (const timer of this.#thinking) {
      if (this.#present <= users) break;
      this.#wake(timer);
      this.#present--;
    }
    while (this.#present < users) {
      this.#present++;
      this.#think(now);
    }
  }

  /** Thinks from the time `since` on, for a time that is drawn. */
  #think(since: number): void {
    if (this.#present > this.#wanted) {
      this.#present--;
      return;
    }
    const due = since + exponential(this.#random) * this.#thinkTime;
    const left = due - this.#now();
    if (left <= 0) {
      this.#ask(due);
      return;
    }
    const timer = setTimeout(() => {
      this.#thinking.delete(timer);
      this.#ask(due);
    }, left * 1000);
    this.#thinking.add(timer);
  }

  async #ask(due: number): Promise<void> {
    this.#think(await this.#send(due));
  }

  #wake(timer: ReturnType<typeof setTimeout>): void {
    clearTimeout(timer);
    this.#thinking.delete(timer);
  }
}
