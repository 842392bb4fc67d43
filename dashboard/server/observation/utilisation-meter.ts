import type { DeploymentSecond } from '../../protocol.ts';

/** What a worker did between two readings of its counters; a worker that has ended did nothing. */
export interface WorkerInterval {
  readonly worker: string;
  /** Seconds. */
  readonly duration: number;
  /** Seconds for which its thread computed, or was blocked. */
  readonly busy: number;
  /** Seconds for which its database connections were in use, summed over the connections. */
  readonly connectionsHeld: number;
  /** Limit of its database connections. */
  readonly connections: number;
  /** Requests at the end of the interval. */
  readonly inProgress: number;
}

/** What a process used between two readings; a process that has ended used nothing. */
export interface ProcessInterval {
  /** Its number in its deployment, from 1. */
  readonly process: number;
  readonly endedAt: number;
  /** Seconds. */
  readonly duration: number;
  /** CPU seconds. */
  readonly cpu: number;
}

/** Averages what a deployment uses, over the intervals that it gets. */
export class UtilisationMeter {
  readonly #processes: number;
  readonly #hostCpus: number;
  readonly #busy = new Mean();
  readonly #connections = new Mean();
  readonly #cpu = new Map<number, Mean>();

  constructor(processes: number, hostCpus: number) {
    this.#processes = processes;
    this.#hostCpus = hostCpus;
  }

  addWorker({ duration, busy, connectionsHeld, connections }: WorkerInterval): void {
    this.#busy.add(busy, duration);
    this.#connections.add(connectionsHeld, duration * connections);
  }

  /** `part`: the fraction of the interval that counts. */
  addProcess({ process, duration, cpu }: ProcessInterval, part = 1): void {
    const mean = this.#cpu.get(process) ?? new Mean();
    this.#cpu.set(process, mean);
    mean.add(cpu * part, duration * part);
  }

  /** CPUs that all processes keep busy; a process without a reading counts like the others. */
  get cpu(): number {
    const means = [...this.#cpu.values()];
    const sum = means.reduce((total, { value }) => total + value, 0);
    return means.length === 0 ? 0 : (sum / means.length) * this.#processes;
  }

  get utilisation(): DeploymentSecond['utilisation'] {
    return {
      workers: clamp(this.#busy.value),
      databaseConnections: clamp(this.#connections.value),
      cpu: clamp(this.cpu / this.#hostCpus),
    };
  }

  /** Starts a new average; what gets no interval keeps its value. */
  restart(): void {
    for (const mean of [this.#busy, this.#connections, ...this.#cpu.values()]) mean.restart(mean.value);
  }

  /** Starts from nothing. */
  clear(): void {
    this.#cpu.clear();
    for (const mean of [this.#busy, this.#connections]) mean.restart(0);
  }
}

/** A weighted mean. */
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

/** Two clocks may make a fraction a little more than 1. */
function clamp(fraction: number): number {
  return Math.max(0, Math.min(fraction, 1));
}
