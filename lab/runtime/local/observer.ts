import { deploymentName } from '../../../services/deployment.ts';
import type { Component } from '../../experiment/trial-result.ts';
import type { Bytes } from '../../experiment/units.ts';
import { readControlThreads, totalsOf } from '../../observe/control-threads.ts';
import { cpuOf, machineTime, memoryOf } from '../../observe/processes.ts';
import type { DeploymentReading, Observer, Reading } from '../../trial/observer.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';

/** Reads one deployment of a local stack, with the nginx and the Postgres that it shares with the others. */
export class LocalObserver implements Observer {
  readonly #roots: Record<Component, readonly number[]>;
  readonly #controlPorts: readonly number[];

  readonly #others: readonly LocalEndpoint[];

  constructor({ pids, endpoints }: LocalStack, endpoint: LocalEndpoint) {
    this.#roots = { nginx: [pids.nginx], workers: endpoint.pids(), postgres: [pids.postgres], k6: [] };
    this.#controlPorts = endpoint.controlPorts;
    this.#others = endpoints.filter(other => other !== endpoint);
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

  async readOthers(): Promise<DeploymentReading[]> {
    return Promise.all(
      this.#others.map(async ({ deployment, controlPorts, pids }) => ({
        name: deploymentName(deployment),
        ...totalsOf(await readControlThreads(controlPorts)),
        cpu: cpuOf(pids()),
      })),
    );
  }

  async memory(): Promise<Record<Component, Bytes>> {
    return this.#perComponent(memoryOf);
  }

  #perComponent(of: (roots: readonly number[]) => number): Record<Component, number> {
    const { nginx, workers, postgres, k6 } = this.#roots;
    return { nginx: of(nginx), workers: of(workers), postgres: of(postgres), k6: of(k6) };
  }
}
