import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Deployment } from '../../model/deployment.ts';
import type { ScaledService } from '../protocol.ts';
import type { LiveStack } from './parts.ts';

/** Milliseconds that a name server may take. */
const RESOLVE_LIMIT_MS = 400;
/** Services of which there has to be one, besides the topologies. */
const OTHER_SERVICES = ['dashboard', 'k6'];

export interface ScaleOptions {
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
  /** Told of each change, in a line for the log. */
  readonly say: (line: string) => void;
  /** Finds how many addresses a host has, one for each container of a service; rejects where it has none. */
  readonly countAddresses?: (host: string) => Promise<number>;
}

/**
 * Watches for `docker compose up --scale`: the figures are of one container of each service, and nginx gives requests
 * to all of them.
 */
export class ScaleWatch {
  /** Called whenever `scaled` has become another one. */
  onChange: () => void = () => {};
  readonly #services: ReadonlyMap<string, Deployment | undefined>;
  readonly #say: ScaleOptions['say'];
  readonly #start: string;
  readonly #count: NonNullable<ScaleOptions['countAddresses']>;
  #scaled: readonly ScaledService[] = [];
  #looking = false;

  constructor(
    { deployments }: Pick<LiveStack, 'deployments'>,
    { say, start, countAddresses = addressesOf }: ScaleOptions,
  ) {
    const topologies = deployments.flatMap(({ deployment, controls: [control = 'http://127.0.0.1'] }) => {
      const { hostname } = new URL(control);
      return isIP(hostname) ? [] : [[hostname, deployment] as const];
    });
    // Without names there are no containers.
    const others = topologies.length === 0 ? [] : OTHER_SERVICES.map(name => [name, undefined] as const);
    this.#services = new Map([...topologies, ...others]);
    this.#say = say;
    this.#start = start;
    this.#count = countAddresses;
  }

  /** The services that have more than one container. */
  get scaled(): readonly ScaledService[] {
    return this.#scaled;
  }

  /** Looks once; to be called every few seconds. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const found: ScaledService[] = [];
    for (const [service, deployment] of this.#services) {
      // A name that is not there, or a server that is late, says nothing of a scale.
      const containers = await this.#count(service).catch(() => 0);
      if (containers > 1) found.push(scaledService(service, containers, deployment, this.#start));
    }
    this.#looking = false;
    this.#take(found);
  }

  #take(found: readonly ScaledService[]): void {
    const lines = (services: readonly ScaledService[]) => services.map(({ told, command }) => `${told} ${command}`);
    const [before, now] = [lines(this.#scaled), lines(found)];
    for (const line of now) if (!before.includes(line)) this.#say(line);
    if (before.join() === now.join()) return;
    const over = this.#scaled.filter(({ service }) => !found.some(other => other.service === service));
    for (const { service } of over) this.#say(`${service} no longer has several containers.`);
    this.#scaled = found;
    this.onChange();
  }
}

function scaledService(
  service: string,
  containers: number,
  deployment: Deployment | undefined,
  start: string,
): ScaledService {
  const told = `${service} has ${containers} containers. --scale is not supported:`;
  if (deployment === undefined) return { service, told: `${told} start one.`, command: start };
  const figures = `${told} the figures show one of them.`;
  if (deployment.spec.sizes.processes === undefined) {
    return { service, told: `${figures} It always has one process; start one container:`, command: start };
  }
  const command = `PROCESSES=${deployment.processes * containers} ${start}`;
  return { service, told: `${figures} For as many workers in one container use PROCESSES:`, command };
}

const resolver = new Resolver({ timeout: RESOLVE_LIMIT_MS, tries: 1 });

async function addressesOf(host: string): Promise<number> {
  return (await resolver.resolve4(host)).length;
}
