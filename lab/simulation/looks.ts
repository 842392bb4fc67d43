import type { Service } from './service.ts';

/** What is seen of a service when one looks at it several times in the steady state. */
export class Looks {
  /** Requests that each worker held, in the workers' order. */
  readonly held: readonly Seen[];
  readonly backends = new Seen();

  constructor(workers: number) {
    this.held = Array.from({ length: workers }, () => new Seen());
  }

  at({ workers, activeBackends }: Service): void {
    this.backends.add(activeBackends);
    for (const [index, seen] of this.held.entries()) seen.add(workers[index]?.held ?? 0);
  }
}

/** A number that is seen now and then. */
class Seen {
  most = 0;
  #sum = 0;
  #times = 0;

  get mean(): number {
    return this.#times === 0 ? 0 : this.#sum / this.#times;
  }

  add(value: number): void {
    this.#times++;
    this.#sum += value;
    this.most = Math.max(this.most, value);
  }
}
