import { deploymentName } from '../../../services/deployment.ts';
import type { Component } from '../../experiment/trial-result.ts';
import type { Bytes, Seconds } from '../../experiment/units.ts';
import type { ContainerFigures } from '../../observe/cgroups.ts';
import { processIn, totalsOf } from '../../observe/control-threads.ts';
import { timeIn } from '../../observe/processes.ts';
import type { DeploymentReading, Observer, Reading } from '../../trial/observer.ts';
import type { Container } from './containers.ts';
import type { FiguresReader } from './figures.ts';
import { type ComposeEndpoint, type ComposeStack, containerOf } from './stack.ts';

/** Reads one deployment of a stack of containers, with the nginx and the Postgres that it shares with the others. */
export class ComposeObserver implements Observer {
  readonly #stack: ComposeStack;
  readonly #endpoint: ComposeEndpoint;
  readonly #figures: FiguresReader;
  readonly #containers: Partial<Record<Component, Container>>;
  readonly #last = new Map<string, ContainerFigures>();

  constructor(stack: ComposeStack, endpoint: ComposeEndpoint, figures: FiguresReader) {
    this.#stack = stack;
    this.#endpoint = endpoint;
    this.#figures = figures;
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
    const processes = answers.map(processIn);
    return {
      time,
      cpu,
      machine: timeIn(stat),
      processes: processes.map(({ pid }) => pid),
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

  memory(): Promise<Record<Component, Bytes>> {
    return this.#perComponent(figures => figures.memory);
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
    if (container === undefined) return { cpu: 0, memory: 0 };
    const figures = (await this.#figures.read(container)) ?? this.#last.get(container.id) ?? { cpu: 0, memory: 0 };
    this.#last.set(container.id, figures);
    return figures;
  }
}
