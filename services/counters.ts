/**
 * What a worker counts about itself, in memory that it shares with the control thread: a blocked worker cannot be
 * asked. One writer each, 64-bit cells, so that nothing is torn.
 */
import type { WorkerCounters } from '../model/wire.ts';

/**
 * Counters that a worker writes; `databaseConnections` is the one that the control thread writes and the worker obeys,
 * `busy` only a main thread's: the control thread sees that of the others.
 */
const counterNames = [
  'inProgress',
  'completed',
  'connectionsInUse',
  'connectionsOpen',
  'databaseWait',
  'connectionsHeld',
  'connectionWait',
  'databaseConnections',
  'busy',
] as const satisfies readonly (keyof WorkerCounters)[];
type CounterName = (typeof counterNames)[number];

/** A worker's counters; times in seconds. */
export class Counters {
  static readonly BYTES = counterNames.length * Float64Array.BYTES_PER_ELEMENT;
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  get(name: CounterName): number {
    return this.#cells[counterNames.indexOf(name)] ?? 0;
  }

  set(name: CounterName, value: number): void {
    this.#cells[counterNames.indexOf(name)] = value;
  }

  add(name: CounterName, amount: number): void {
    this.set(name, this.get(name) + amount);
  }

  /** All of them at this moment, by name. */
  all(): Record<CounterName, number> {
    return Object.fromEntries(counterNames.map(name => [name, this.get(name)])) as Record<CounterName, number>;
  }
}
