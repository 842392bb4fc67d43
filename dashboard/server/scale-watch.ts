import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Deployment } from '../../model/deployment.ts';
import type { ScaledService } from '../protocol.ts';
import type { LiveStack } from './config.ts';

/** Milliseconds that a name server may take. */
const RESOLVE_LIMIT_MS = 400;
/** Services that must have one container, besides the topologies. */
const OTHER_SERVICES = ['dashboard', 'k6'];

interface ScaleOptions {
  /** What starts the stack: `docker compose up`. */
  readonly start: string;
  /** Called with each change, as a line for the log. */
  readonly say: (line: string) => void;
  /** Counts the addresses of a host, which is its containers; rejects where it has none. */
  readonly countAddresses?: (host: string) => Promise<number>;
}

/** Watches for `docker compose up --scale`: nginx sends requests to all containers, but the figures are of one. */
export class ScaleWatch {
  /** Called when `scaled` has changed. */
  onChange: () => void = () => {};
  /** The services that have several containers. */
  scaled: readonly ScaledService[] = [];
  readonly #services: ReadonlyMap<string, Deployment | undefined>;
  readonly #options: ScaleOptions;
  #looking = false;

  constructor(deployments: LiveStack['deployments'], options: ScaleOptions) {
    const topologies = deployments.flatMap(({ deployment, controls: [control = 'http://127.0.0.1'] }) => {
      const { hostname } = new URL(control);
      return isIP(hostname) ? [] : [[hostname, deployment] as const];
    });
    // A stack without host names has no containers.
    const others = topologies.length === 0 ? [] : OTHER_SERVICES.map(name => [name, undefined] as const);
    this.#services = new Map([...topologies, ...others]);
    this.#options = options;
  }

  /** Looks once; call it every few seconds. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { countAddresses = countResolved, start, say } = this.#options;
    const found: ScaledService[] = [];
    for (const [service, deployment] of this.#services) {
      const containers = await countAddresses(service).catch(() => 0);
      if (containers > 1) found.push(describeScale(service, containers, deployment, start));
    }
    this.#looking = false;
    const before = this.scaled;
    if (JSON.stringify(found) === JSON.stringify(before)) return;
    for (const { told, command } of found) {
      if (!before.some(other => other.told === told)) say(`${told} ${command}`);
    }
    for (const { service } of before) {
      if (!found.some(other => other.service === service)) say(`${service} no longer has several containers.`);
    }
    this.scaled = found;
    this.onChange();
  }
}

function describeScale(
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

async function countResolved(host: string): Promise<number> {
  return (await resolver.resolve4(host)).length;
}
