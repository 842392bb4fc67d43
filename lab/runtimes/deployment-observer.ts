import { deploymentName } from '../../model/deployment.ts';
import type { Component } from '../../model/measurement.ts';
import type { MemoryKills, ProcessCounters } from '../../model/wire.ts';
import type { Place, Probe, ProbeSample, Usage } from '../probe/probe.ts';
import type { RoleSessions } from '../probe/sessions.ts';
import { type DeploymentReading, type Observer, perComponent, type Snapshot } from '../run/observation.ts';

import type { Endpoint } from '../run/runtime.ts';

/** A deployment that a probe reads. */
export interface ProbedEndpoint extends Endpoint {
  /** Addresses of its control threads, such as `http://hybrid:10001`; a hidden deployment has none. */
  readonly controls: readonly string[];
  /** The database role of its workers. */
  readonly databaseRole: string;
  /** Where its workers run now. */
  workersPlace(): Place;
}

/** A stack that a probe reads. */
export interface ProbedStack {
  readonly probe: Probe;
  readonly endpoints: readonly ProbedEndpoint[];
  readonly nginx: Place;
  readonly postgres: Place;
  /** nginx's processes that serve requests. */
  readonly nginxProcesses: number;
}

/** Reads one deployment of a stack, and the nginx and Postgres that all deployments share. */
export class DeploymentObserver implements Observer {
  readonly #stack: ProbedStack;
  readonly #endpoint: ProbedEndpoint;
  readonly #places: Partial<Record<Component, Place>>;
  /** The latest of each component, kept when the component has gone. */
  #usage: Partial<Record<Component, Usage>> = {};

  constructor(stack: ProbedStack, endpoint: ProbedEndpoint) {
    this.#stack = stack;
    this.#endpoint = endpoint;
    this.#places = { nginx: stack.nginx, workers: endpoint.workersPlace(), postgres: stack.postgres };
  }

  /** Counts k6 from now on. */
  generatorStarted(place: Place): void {
    this.#places.k6 = place;
  }

  read(): Promise<Snapshot> {
    return this.#read(false);
  }

  async readWithMemory(): ReturnType<Observer['readWithMemory']> {
    const snapshot = await this.#read(true);
    return { ...snapshot, memory: perComponent(component => this.#usage[component]?.memory ?? 0) };
  }

  async #read(memory: boolean): Promise<Snapshot> {
    const { workers } = this.#places;
    const { hidden } = this.#endpoint.deployment;
    const sample = await this.#stack.probe.sample({
      controls: this.#endpoint.controls,
      machine: true,
      usage: this.#places,
      memory,
      ...(workers && !hidden && { contextSwitches: workers }),
    });
    const { time, counters = [], machine, contextSwitches = null } = sample;
    if (machine === undefined) throw new RangeError('the probe gave no CPU time of its machine');
    this.#usage = { ...this.#usage, ...sample.usage };
    return {
      time,
      cpu: perComponent(component => this.#usage[component]?.cpu ?? 0),
      machine,
      nginxProcesses: this.#stack.nginxProcesses,
      throttled: this.#throttled(sample),
      processes: hidden ? this.#visibleProcesses() : counters.map(({ pid }) => pid),
      memoryKills: memoryKillsIn(counters),
      ...(!hidden && { contextSwitches, workers: counters.flatMap(process => process.workers) }),
    };
  }

  async readOthers(): Promise<DeploymentReading[]> {
    const others = this.#stack.endpoints.filter(other => other !== this.#endpoint);
    const { counters = [], usage } = await this.#stack.probe.sample({
      controls: others.flatMap(({ controls }) => controls),
      usage: Object.fromEntries(others.map(other => [deploymentName(other.deployment), other.workersPlace()])),
    });
    const rest = [...counters];
    return others.map(({ deployment, controls }) => {
      const name = deploymentName(deployment);
      const workers = rest.splice(0, controls.length).flatMap(process => process.workers);
      const counted = {
        completed: workers.reduce((sum, { completed }) => sum + completed, 0),
        inProgress: workers.reduce((sum, { inProgress }) => sum + inProgress, 0),
      };
      return { name, ...(!deployment.hidden && counted), cpu: usage?.[name]?.cpu ?? 0 };
    });
  }

  async held(): Promise<ReadonlyMap<string, number> | undefined> {
    if (this.#endpoint.deployment.hidden) return undefined;
    const { counters = [] } = await this.#stack.probe.sample({ controls: this.#endpoint.controls });
    return new Map(counters.flatMap(({ workers }) => workers.map(({ name, inProgress }) => [name, inProgress])));
  }

  async sessions(): Promise<RoleSessions | null> {
    const { sessions } = await this.#stack.probe.sample({ sessions: true });
    return sessions ? (sessions[this.#endpoint.databaseRole] ?? { active: 0, inUse: 0, open: 0 }) : null;
  }

  /** Of a container only the first process is known, which stays when a worker dies. */
  #visibleProcesses(): readonly number[] {
    const place = this.#endpoint.workersPlace();
    return 'pids' in place ? place.pids : [];
  }

  /** Each container is throttled by itself; processes are throttled together. */
  #throttled({ throttled = null }: ProbeSample): Snapshot['throttled'] {
    const inContainers = 'container' in this.#stack.nginx;
    if (!inContainers) return { stack: throttled };
    const components = Object.keys(this.#places) as Component[];
    return Object.fromEntries(components.map(component => [component, this.#usage[component]?.throttled ?? null]));
  }
}

/** The kills that the latest process of a deployment counted at its start; `null`: no memory limit. */
function memoryKillsIn(processes: readonly ProcessCounters[]): MemoryKills | null {
  const kills = processes.flatMap(({ memoryKills }) => memoryKills ?? []);
  return kills.sort((one, other) => other.count - one.count)[0] ?? null;
}
