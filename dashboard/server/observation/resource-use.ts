import type { ProcessResources } from '../../../model/wire.ts';
import type { ProcessInterval } from './follower.ts';

interface Seen {
  readonly at: number;
  /** Absent: it was gone. */
  readonly resources?: ProcessResources;
}

/** What the processes of one deployment use; moments in seconds since 1970. */
export class ResourceUse {
  readonly #onInterval: (interval: ProcessInterval) => void;
  readonly #seen = new Map<number, Seen>();

  constructor(onInterval: (interval: ProcessInterval) => void) {
    this.#onInterval = onInterval;
  }

  /** Bytes, of all processes that are there. */
  get memory(): number {
    let memory = 0;
    for (const { resources } of this.#seen.values()) memory += resources?.memory ?? 0;
    return memory;
  }

  /** The process (from 1) has answered. */
  used(process: number, resources: ProcessResources, at: number): void {
    const last = this.#seen.get(process);
    this.#seen.set(process, { resources, at });
    if (last?.resources?.pid !== resources.pid) return;
    this.#tell(process, last.at, at, Math.max(0, resources.cpu - last.resources.cpu));
  }

  /** The process (from 1) is gone: what it used until it ended nobody can tell, and since then nothing. */
  gone(process: number, at: number): void {
    const last = this.#seen.get(process);
    this.#seen.set(process, { at });
    if (last !== undefined && last.resources === undefined) this.#tell(process, last.at, at, 0);
  }

  #tell(process: number, begin: number, end: number, cpu: number): void {
    if (end > begin) this.#onInterval({ process, endedAt: end, duration: end - begin, cpu });
  }
}
