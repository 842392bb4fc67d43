import { deploymentName } from '../../../model/deployment.ts';
import type { Component } from '../../../model/measurement.ts';
import type { Bytes } from '../../../model/quantities.ts';
import { heldIn, memoryKillsIn, readControlThreads, totalsOf } from '../../observe/control-threads.ts';
import type { BackendsReader } from '../../probe/backends.ts';
import { throttledHere } from '../../probe/cgroups.ts';
import { machineTime } from '../../probe/machine.ts';
import { contextSwitchesOf, cpuOf, memoryOf } from '../../probe/processes.ts';
import type { DeploymentReading, Observer, Reading } from '../../trial/observer.ts';
import type { LocalEndpoint, LocalStack } from './stack.ts';

/** Reads one deployment of a local stack, with the nginx and the Postgres that it shares with the others. */
export class LocalObserver implements Observer {
  readonly #roots: Record<Component, readonly number[]>;
  readonly #controlPorts: readonly number[];
  readonly #others: readonly LocalEndpoint[];
  readonly #nginxProcesses: number;
  readonly #backends: BackendsReader;

  constructor({ pids, endpoints, nginxProcesses }: LocalStack, endpoint: LocalEndpoint, backends: BackendsReader) {
    this.#roots = { nginx: [pids.nginx], workers: endpoint.pids(), postgres: [pids.postgres], k6: [] };
    this.#controlPorts = endpoint.controlPorts;
    this.#nginxProcesses = nginxProcesses;
    this.#backends = backends;
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
      nginxProcesses: this.#nginxProcesses,
      throttled: { stack: throttledHere() },
      contextSwitches: contextSwitchesOf(this.#roots.workers),
      processes: processes.map(({ pid }) => pid),
      memoryKills: memoryKillsIn(processes),
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

  async held(): Promise<ReadonlyMap<string, number>> {
    return heldIn(await readControlThreads(this.#controlPorts));
  }

  activeBackends(): Promise<number | null> {
    return this.#backends.active();
  }

  async memory(): Promise<Record<Component, Bytes>> {
    return this.#perComponent(memoryOf);
  }

  #perComponent(of: (roots: readonly number[]) => number): Record<Component, number> {
    const { nginx, workers, postgres, k6 } = this.#roots;
    return { nginx: of(nginx), workers: of(workers), postgres: of(postgres), k6: of(k6) };
  }
}
