import type { Component } from '../../experiment/trial-result.ts';
import type { Bytes } from '../../experiment/units.ts';
import { readControlThreads } from '../../observe/control-threads.ts';
import { cpuOf, machineTime, memoryOf } from '../../observe/processes.ts';
import type { Observer, Reading } from '../../trial/observer.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';

/** Reads one deployment of a local stack, with the nginx and the Postgres that it shares with the others. */
export class LocalObserver implements Observer {
  readonly #roots: Record<Component, readonly number[]>;
  readonly #controlPorts: readonly number[];

  constructor(shared: LocalStack['pids'], endpoint: LocalEndpoint) {
    this.#roots = { nginx: [shared.nginx], workers: endpoint.pids(), postgres: [shared.postgres], k6: [] };
    this.#controlPorts = endpoint.controlPorts;
  }

  /** k6 is counted from here on. */
  generatorStarted(pid: number): void {
    this.#roots.k6 = [pid];
  }

  async read(): Promise<Reading> {
    // The processor time is read last: asking the control threads takes some of it, and is over by then.
    const processes = await readControlThreads(this.#controlPorts);
    return {
      time: performance.now() / 1000,
      cpu: this.#perComponent(cpuOf),
      machine: machineTime(),
      processes: processes.map(({ pid }) => pid),
      workers: processes.flatMap(({ workers }) => workers),
    };
  }

  async memory(): Promise<Record<Component, Bytes>> {
    return this.#perComponent(memoryOf);
  }

  #perComponent(of: (roots: readonly number[]) => number): Record<Component, number> {
    const { nginx, workers, postgres, k6 } = this.#roots;
    return { nginx: of(nginx), workers: of(workers), postgres: of(postgres), k6: of(k6) };
  }
}
