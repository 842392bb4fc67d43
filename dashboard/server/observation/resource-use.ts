import type { ProcessResources } from './control-threads.ts';
import type { ProcessInterval } from './follower.ts';

interface Seen extends ProcessResources {
  readonly at: number;
}

/** What the processes of one deployment use; moments in seconds since 1970. */
export class ResourceUse {
  readonly #onInterval: (interval: ProcessInterval) => void;
  readonly #seen = new Map<number, Seen>();

  constructor(onInterval: (interval: ProcessInterval) => void) {
    this.#onInterval = onInterval;
  }

  /** Bytes, of all processes that answer. */
  get memory(): number {
    let memory = 0;
    for (const seen of this.#seen.values()) memory += seen.memory;
    return memory;
  }

  used(process: number, resources: ProcessResources, at: number): void {
    const last = this.#seen.get(process);
    this.#seen.set(process, { ...resources, at });
    if (last === undefined || last.pid !== resources.pid || at <= last.at) return;
    this.#onInterval({ endedAt: at, duration: at - last.at, cpu: Math.max(0, resources.cpu - last.cpu) });
  }

  silent(process: number): void {
    this.#seen.delete(process);
  }
}
