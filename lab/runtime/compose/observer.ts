import { deploymentName } from '../../../model/deployment.ts';
import type { Component } from '../../../model/measurement.ts';
import type { Bytes, Seconds } from '../../../model/quantities.ts';
import { heldIn, memoryKillsIn, processIn, totalsOf } from '../../observe/control-threads.ts';
import type { BackendsReader } from '../../probe/backends.ts';
import { type ContainerFigures, cgroupOf } from '../../probe/cgroups.ts';
import { hostTime } from '../../probe/machine.ts';
import { contextSwitchesOf } from '../../probe/processes.ts';
import type { DeploymentReading, Observer, Reading } from '../../trial/observer.ts';
import type { Container } from './containers.ts';
import type { FiguresReader } from './figures.ts';
import { type ComposeEndpoint, type ComposeStack, containerOf } from './stack.ts';

/** What is the same for every deployment of a stack. */
export interface StackReaders {
  readonly figures: FiguresReader;
  readonly backends: BackendsReader;
  readonly nginxProcesses: number;
}

/** Reads one deployment of a stack of containers, with the nginx and the Postgres that it shares with the others. */
export class ComposeObserver implements Observer {
  readonly #stack: ComposeStack;
  readonly #endpoint: ComposeEndpoint;
  readonly #readers: StackReaders;
  readonly #containers: Partial<Record<Component, Container>>;
  readonly #last = new Map<string, ContainerFigures>();

  constructor(stack: ComposeStack, endpoint: ComposeEndpoint, readers: StackReaders) {
    this.#stack = stack;
    this.#endpoint = endpoint;
    this.#readers = readers;
    this.#containers = {
      nginx: containerOf('nginx', stack.containers),
      workers: endpoint.container,
      postgres: containerOf('database', stack.containers),
    };
  }

  /** k6 is counted from here on. */
  generatorStarted(container: Container): void {
    this.#containers.k6 = container;
  }

  async read(): Promise<Reading> {
    const { answers, stat } = await this.#stack.agent.look(this.#endpoint.controlAddresses);
    const time = performance.now() / 1000;
    const cpu = await this.#perComponent(figures => figures.cpu);
    const throttled = Object.fromEntries(
      Object.entries(this.#containers).map(([component, { id }]) => [component, this.#last.get(id)?.throttled ?? null]),
    );
    const processes = answers.map(processIn);
    return {
      time,
      cpu,
      machine: hostTime(() => stat),
      nginxProcesses: this.#readers.nginxProcesses,
      throttled,
      contextSwitches: this.#contextSwitches(),
      processes: processes.map(({ pid }) => pid),
      memoryKills: memoryKillsIn(processes),
      workers: processes.flatMap(({ workers }) => workers),
    };
  }

  async readOthers(): Promise<DeploymentReading[]> {
    const others = this.#stack.endpoints.filter(endpoint => endpoint !== this.#endpoint);
    const { answers } = await this.#stack.agent.look(others.flatMap(({ controlAddresses }) => controlAddresses));
    const rest = answers.map(processIn);
    return Promise.all(
      others.map(async ({ deployment, container, controlAddresses }) => ({
        name: deploymentName(deployment),
        ...totalsOf(rest.splice(0, controlAddresses.length)),
        cpu: (await this.#figuresOf(container)).cpu,
      })),
    );
  }

  async held(): Promise<ReadonlyMap<string, number>> {
    const { answers } = await this.#stack.agent.look(this.#endpoint.controlAddresses);
    return heldIn(answers.map(processIn));
  }

  activeBackends(): Promise<number | null> {
    return this.#readers.backends.active();
  }

  memory(): Promise<Record<Component, Bytes>> {
    return this.#perComponent(figures => figures.memory);
  }

  /** Where the engine's processes can be seen from here. */
  #contextSwitches(): Reading['contextSwitches'] {
    const { id, pid } = this.#endpoint.container;
    return cgroupOf(id, pid) === undefined ? null : contextSwitchesOf([pid]);
  }

  async #perComponent(of: (figures: ContainerFigures) => Seconds | Bytes): Promise<Record<Component, number>> {
    const value = async (component: Component) => of(await this.#figuresOf(this.#containers[component]));
    const [nginx, workers, postgres, k6] = await Promise.all([
      value('nginx'),
      value('workers'),
      value('postgres'),
      value('k6'),
    ]);
    return { nginx, workers, postgres, k6 };
  }

  /** Of a container that has ended, what was last seen. */
  async #figuresOf(container: Container | undefined): Promise<ContainerFigures> {
    const nothing = { cpu: 0, memory: 0, throttled: null };
    if (container === undefined) return nothing;
    const figures = (await this.#readers.figures.read(container)) ?? this.#last.get(container.id) ?? nothing;
    this.#last.set(container.id, figures);
    return figures;
  }
}
