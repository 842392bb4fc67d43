import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PostgreSqlContainer, type StartedPostgreSqlContainer } from '@testcontainers/postgresql';
import { Network, RandomPortGenerator, type StartedNetwork, Wait } from 'testcontainers';
import { stopWhenInterrupted } from '../../../lab/runtime/local/testdata/interrupted-test.ts';
import { look } from './onlooker.ts';
import type { PausableServer } from './outages-suite.ts';

const PORT = 5432;
const START_LIMIT_MS = 20_000;

interface Parts {
  readonly container: StartedPostgreSqlContainer;
  readonly network: StartedNetwork;
}

/** A Postgres in a container, on a network of its own from which it can be cut off. */
export class ContainerServer implements PausableServer {
  readonly url: string;
  /** Why sessions would notice that the network is cut; undefined where packets just vanish. */
  readonly whyNoCut: string | undefined;
  readonly #id: string;
  readonly #network: string;
  readonly #address: string;
  readonly #remove: () => Promise<void>;

  static async start(): Promise<ContainerServer> {
    const starting = startContainer();
    let removing: Promise<void> | undefined;
    const removeOnce = () => (removing ??= starting.then(removeParts));
    const interrupted = stopWhenInterrupted(removeOnce);
    const remove = () => removeOnce().then(interrupted.stopped);
    const parts = await starting;
    try {
      const reachable = await accepts(addressOf(parts));
      const server = new ContainerServer(parts, reachable, remove);
      await server.#answer();
      return server;
    } catch (error) {
      await remove();
      throw error;
    }
  }

  private constructor(parts: Parts, reachable: boolean, remove: () => Promise<void>) {
    const { container, network } = parts;
    this.#id = container.getId();
    this.#network = network.getName();
    this.#address = addressOf(parts);
    this.#remove = remove;
    // A published port stays when the network is cut, and tells its clients at once.
    const [host, port] = reachable ? [this.#address, PORT] : [container.getHost(), container.getPort()];
    this.whyNoCut = reachable ? undefined : `containers of this engine are reached through published ports only`;
    const user = `${container.getUsername()}:${container.getPassword()}`;
    this.url = `postgresql://${user}@${host}:${port}/${container.getDatabase()}`;
  }

  async pause(): Promise<void> {
    await docker('pause', this.#id);
  }

  async resume(): Promise<void> {
    await docker('unpause', this.#id);
  }

  async stop(): Promise<void> {
    await docker('stop', this.#id);
  }

  async startAgain(): Promise<void> {
    await docker('start', this.#id);
    await this.#answer();
  }

  /** From now on packets to and from it vanish; its sessions are not told. */
  async cutNetwork(): Promise<void> {
    await docker('network', 'disconnect', this.#network, this.#id);
  }

  async mendNetwork(): Promise<void> {
    await docker('network', 'connect', this.#network, this.#id);
    await this.#answer();
  }

  ask(text: string): Promise<unknown> {
    return look(this.url, text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#remove();
  }

  /** Returns when it answers queries, at the address that it had from the start. */
  async #answer(): Promise<void> {
    const address = await docker(
      'inspect',
      '--format',
      `{{(index .NetworkSettings.Networks "${this.#network}").IPAddress}}`,
      this.#id,
    );
    // Alone on its network it is given the same address each time.
    if (address !== this.#address) throw new Error(`the container moved from ${this.#address} to ${address}`);
    for (const deadline = performance.now() + START_LIMIT_MS; ; await delay(50)) {
      try {
        await this.ask('SELECT 1');
        return;
      } catch (cause) {
        if (performance.now() > deadline) throw new Error('Postgres in its container does not answer', { cause });
      }
    }
  }
}

async function startContainer(): Promise<Parts> {
  const network = await new Network().start();
  try {
    const container = await new PostgreSqlContainer('postgres:18')
      .withNetwork(network)
      .withPassword(randomBytes(18).toString('hex'))
      // The engine would choose another one each time that it starts.
      .withExposedPorts({ container: PORT, host: await new RandomPortGenerator().generatePort() })
      // The module's own goes on four times a second for as long as the container runs.
      .withHealthCheck({ test: ['CMD', 'true'], interval: 3_600_000 })
      .withWaitStrategy(Wait.forListeningPorts())
      .start();
    return { container, network };
  } catch (error) {
    await network.stop();
    throw error;
  }
}

async function removeParts({ container, network }: Parts): Promise<void> {
  await docker('rm', '--force', '--volumes', container.getId());
  await network.stop();
}

function addressOf({ container, network }: Parts): string {
  return container.getIpAddress(network.getName());
}

/** Whether this machine reaches containers at their own addresses: one with a virtual machine in between does not. */
function accepts(host: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port: PORT, timeout: 1000 });
  socket.on('connect', () => resolve(true));
  socket.on('timeout', () => resolve(false));
  socket.on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

async function docker(...parameters: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('docker', parameters);
  return stdout.trim();
}
