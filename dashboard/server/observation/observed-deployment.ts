import type { MachineTime } from '../../../lab/probe/machine.ts';
import { listWorkers } from '../../../model/deployment.ts';
import type { ProcessCounters, ProcessResources } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Mark, WorkerState } from '../../protocol.ts';
import type { StackDeployment } from '../config.ts';
import type { AskedDeployment } from './control-threads.ts';
import { DeploymentSeconds } from './deployment-seconds.ts';
import type { GeneratorInterval } from './generator-counts.ts';
import type { LoggedRequest } from './request-log.ts';
import { type ProcessInterval, UtilisationMeter } from './utilisation-meter.ts';
import { WindowCount } from './window-count.ts';
import { WorkerStates } from './worker-states.ts';

interface ObservedDeploymentOptions {
  readonly onMark: (mark: Mark) => void;
  readonly hostCpus: number;
  /** CPU time of the host. */
  readonly machine: () => MachineTime;
  readonly clock: () => number;
}

/** All that is known of one deployment. Times are in seconds since 1970. */
export class ObservedDeployment implements AskedDeployment {
  readonly id: DeploymentId;
  readonly controls: StackDeployment['controls'];
  readonly #deployment: StackDeployment['deployment'];
  readonly #options: ObservedDeploymentOptions;
  readonly #workerIndexes: ReadonlyMap<string, number>;
  readonly #seconds: DeploymentSeconds;
  /** The seconds, and the open windows. */
  readonly #counts: Set<DeploymentSeconds | WindowCount>;
  #workers: WorkerStates;
  #processes: ProcessUse;

  constructor({ id, deployment, controls }: StackDeployment, options: ObservedDeploymentOptions) {
    this.id = id;
    this.controls = controls;
    this.#deployment = deployment;
    this.#options = options;
    this.#workerIndexes = new Map(listWorkers(deployment).map(({ name }, index) => [name, index]));
    this.#seconds = new DeploymentSeconds(this.#newMeter(), () => this.#processes.memory);
    this.#counts = new Set([this.#seconds]);
    this.#workers = this.#newWorkers();
    this.#processes = this.#newProcesses();
  }

  /** Whether a window is open. */
  get isMeasured(): boolean {
    return this.#counts.size > 1;
  }

  get workers(): readonly WorkerState[] | undefined {
    return this.#workers.states;
  }

  /** The index of a worker in the deployment. */
  workerIndex(name: string | undefined): number | undefined {
    return name === undefined ? undefined : this.#workerIndexes.get(name);
  }

  addRequest(request: LoggedRequest): void {
    for (const count of this.#counts) count.addRequest(request);
  }

  addGenerator(interval: GeneratorInterval): void {
    for (const count of this.#counts) count.addGenerator(interval);
  }

  counted(process: number, counters: ProcessCounters, at: number): void {
    this.#workers.counted(process, counters, at);
  }

  used(process: number, resources: ProcessResources, at: number): void {
    this.#processes.used(process, resources, at);
  }

  gone(process: number, at: number): void {
    this.#workers.gone(process, at);
    this.#processes.gone(process, at);
  }

  loseGenerator(): void {
    this.#seconds.loseGenerator();
  }

  /** Forgets the workers, which are not observed any more. */
  forget(): void {
    this.#workers = this.#newWorkers();
    this.#processes = this.#newProcesses();
    this.#seconds.forgetUse();
  }

  /** Ends a second; requests that were refused or given up in it get a mark. */
  second(begin: number, end: number): DeploymentSecond {
    const { second, refused, givenUp } = this.#seconds.take(begin, end);
    const { onMark } = this.#options;
    if (refused > 0) onMark({ time: end, kind: 'refused', id: this.id, count: refused });
    if (givenUp > 0) onMark({ time: end, kind: 'given-up', id: this.id, count: givenUp });
    return second;
  }

  /** Opens a window; `onClose` is called when it closes. */
  open(onClose: () => void): WindowCount {
    const window: WindowCount = new WindowCount({
      ...this.#options,
      meter: this.#newMeter(),
      memory: () => this.#processes.memory,
      onClose: () => {
        if (this.#counts.delete(window)) onClose();
      },
    });
    this.#counts.add(window);
    return window;
  }

  #newMeter(): UtilisationMeter {
    return new UtilisationMeter(this.#deployment.processes, this.#options.hostCpus);
  }

  #newWorkers(): WorkerStates {
    return new WorkerStates(this.#deployment, {
      mark: mark => this.#options.onMark({ ...mark, id: this.id }),
      worked: interval => {
        for (const count of this.#counts) count.addWorker(interval);
      },
    });
  }

  #newProcesses(): ProcessUse {
    return new ProcessUse(interval => {
      for (const count of this.#counts) count.addProcess(interval);
    });
  }
}

/** CPU time and memory of the processes of one deployment. */
class ProcessUse {
  readonly #onInterval: (interval: ProcessInterval) => void;
  /** The latest reading of each process; without resources where it had ended. */
  readonly #latest = new Map<number, { readonly at: number; readonly resources?: ProcessResources }>();

  constructor(onInterval: (interval: ProcessInterval) => void) {
    this.#onInterval = onInterval;
  }

  /** Bytes. */
  get memory(): number {
    return [...this.#latest.values()].reduce((sum, { resources }) => sum + (resources?.memory ?? 0), 0);
  }

  used(process: number, resources: ProcessResources, at: number): void {
    const last = this.#latest.get(process);
    this.#latest.set(process, { resources, at });
    if (last?.resources?.pid !== resources.pid) return;
    this.#end(process, last.at, at, Math.max(0, resources.cpu - last.resources.cpu));
  }

  /** What a process used just before it ended is unknown. */
  gone(process: number, at: number): void {
    const last = this.#latest.get(process);
    this.#latest.set(process, { at });
    if (last !== undefined && last.resources === undefined) this.#end(process, last.at, at, 0);
  }

  #end(process: number, begin: number, end: number, cpu: number): void {
    if (end > begin) this.#onInterval({ process, endedAt: end, duration: end - begin, cpu });
  }
}
