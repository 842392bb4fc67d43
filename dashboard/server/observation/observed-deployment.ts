import type { MachineTime } from '../../../lab/probe/machine.ts';
import { workersOf } from '../../../model/deployment.ts';
import type { ProcessCounters, ProcessResources } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Mark, WorkerState } from '../../protocol.ts';
import type { StackDeployment, Window } from '../parts.ts';
import { DeploymentSeconds } from './deployment-seconds.ts';
import type { Follower } from './follower.ts';
import type { LoggedRequest } from './logged-request.ts';
import { ResourceUse } from './resource-use.ts';
import type { TargetChange } from './target-changes.ts';
import { UtilisationMeter } from './utilisation-meter.ts';
import { WindowCount } from './window-count.ts';
import { WorkerStates } from './worker-states.ts';

export interface ObservedDeploymentOptions {
  readonly onMark: (mark: Mark) => void;
  readonly hostCpus: number;
  /** CPU time of the host. */
  readonly machine: () => MachineTime;
}

/** All that is known of one deployment, and who is told of it. Moments in seconds since 1970. */
export class ObservedDeployment {
  readonly id: DeploymentId;
  readonly #deployment: StackDeployment['deployment'];
  readonly #options: ObservedDeploymentOptions;
  readonly #places: ReadonlyMap<string, number>;
  readonly #seconds: DeploymentSeconds;
  readonly #windows = new Set<WindowCount>();
  readonly #followers: Set<Follower>;
  #workers: WorkerStates;
  #resources: ResourceUse;

  constructor({ id, deployment }: StackDeployment, options: ObservedDeploymentOptions) {
    this.id = id;
    this.#deployment = deployment;
    this.#options = options;
    this.#places = new Map(workersOf(deployment).map(({ name }, place) => [name, place]));
    this.#seconds = new DeploymentSeconds(this.#meter(), this.#memory);
    this.#followers = new Set([this.#seconds]);
    this.#workers = this.#newWorkers();
    this.#resources = this.#newResources();
  }

  /** Whether a window is open. */
  get measured(): boolean {
    return this.#windows.size > 0;
  }

  get workers(): readonly WorkerState[] | undefined {
    return this.#workers.states;
  }

  /** A worker's place among the deployment's. */
  placeOf(worker: string | undefined): number | undefined {
    return worker === undefined ? undefined : this.#places.get(worker);
  }

  logged(request: LoggedRequest): void {
    for (const follower of this.#followers) follower.logged(request);
  }

  reported(change: TargetChange): void {
    for (const follower of this.#followers) follower.reported(change);
  }

  counted(process: number, counters: ProcessCounters, at: number): void {
    this.#workers.counted(process, counters, at);
  }

  used(process: number, resources: ProcessResources, at: number): void {
    this.#resources.used(process, resources, at);
  }

  gone(process: number, at: number): void {
    this.#workers.gone(process, at);
    this.#resources.gone(process, at);
  }

  generatorLost(): void {
    this.#seconds.generatorLost();
  }

  /** Nobody looks any more: what comes after that begins anew. */
  forget(): void {
    this.#workers = this.#newWorkers();
    this.#resources = this.#newResources();
    this.#seconds.forgetUse();
  }

  /** The point of the charts from `begin` to `end`; what was refused or given up in them is marked. */
  second(begin: number, end: number): DeploymentSecond {
    const { second, refused, givenUp } = this.#seconds.take(begin, end);
    for (const [kind, count] of [
      ['refused', refused],
      ['given-up', givenUp],
    ] as const) {
      if (count > 0) this.#options.onMark({ time: end, kind, id: this.id, count });
    }
    return second;
  }

  /** Begins to count; `onClose` is called once when that is over. */
  open(now: () => number, onClose: () => void): Window {
    const { hostCpus, machine } = this.#options;
    const window = new WindowCount({ openedAt: now(), meter: this.#meter(), memory: this.#memory, hostCpus, machine });
    this.#windows.add(window);
    this.#followers.add(window);
    return {
      read: () => window.read(now()),
      close: () => {
        this.#followers.delete(window);
        if (this.#windows.delete(window)) onClose();
      },
    };
  }

  readonly #memory = () => this.#resources.memory;

  #meter(): UtilisationMeter {
    return new UtilisationMeter(this.#deployment.processes, this.#options.hostCpus);
  }

  #newWorkers(): WorkerStates {
    return new WorkerStates(this.#deployment, {
      mark: mark => this.#options.onMark({ ...mark, id: this.id }),
      worked: interval => {
        for (const follower of this.#followers) follower.worked(interval);
      },
    });
  }

  #newResources(): ResourceUse {
    return new ResourceUse(interval => {
      for (const follower of this.#followers) follower.used(interval);
    });
  }
}
