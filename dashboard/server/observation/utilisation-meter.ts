import type { DeploymentSecond } from '../../protocol.ts';
import type { ProcessInterval, WorkerInterval } from './follower.ts';

/** Means of what one deployment uses of what it has, over the intervals that it is told of. */
export class UtilisationMeter {
  readonly #processes: number;
  readonly #hostCpus: number;
  readonly #busy = new Mean();
  readonly #connections = new Mean();
  /** By process: those that are gone have a mean of their own, 0. */
  readonly #cpu = new Map<number, Mean>();

  constructor(processes: number, hostCpus: number) {
    this.#processes = processes;
    this.#hostCpus = hostCpus;
  }

  worked({ duration, busy, connectionsHeld, connections }: WorkerInterval): void {
    this.#busy.add(busy, duration);
    this.#connections.add(connectionsHeld, duration * connections);
  }

  /** `fraction`: how much of the interval counts. */
  used({ process, duration, cpu }: ProcessInterval, fraction = 1): void {
    const mean = this.#cpu.get(process) ?? new Mean();
    this.#cpu.set(process, mean);
    mean.add(cpu * fraction, duration * fraction);
  }

  /** CPU seconds a second, of all processes together; those that it was never told of use what the others do. */
  get cpu(): number {
    let cpu = 0;
    for (const { value } of this.#cpu.values()) cpu += value;
    return this.#cpu.size === 0 ? 0 : (cpu / this.#cpu.size) * this.#processes;
  }

  get utilisation(): DeploymentSecond['utilisation'] {
    return {
      workers: fraction(this.#busy.value),
      databaseConnections: fraction(this.#connections.value),
      cpu: fraction(this.cpu / this.#hostCpus),
    };
  }

  /** Begins anew; what is not told of again keeps its value, or has none. */
  restart(keep: 'values' | 'nothing' = 'values'): void {
    if (keep === 'nothing') this.#cpu.clear();
    for (const mean of [this.#busy, this.#connections, ...this.#cpu.values()]) {
      mean.restart(keep === 'values' ? mean.value : 0);
    }
  }
}

/** A sum over a sum: a mean that each interval takes part in by its length. */
class Mean {
  #sum = 0;
  #weight = 0;
  #before = 0;

  add(amount: number, weight: number): void {
    this.#sum += amount;
    this.#weight += weight;
  }

  get value(): number {
    return this.#weight > 0 ? this.#sum / this.#weight : this.#before;
  }

  restart(before: number): void {
    this.#before = before;
    this.#sum = 0;
    this.#weight = 0;
  }
}

/** What was measured by two clocks may be a little over 1. */
function fraction(value: number): number {
  return Math.max(0, Math.min(value, 1));
}
