import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PostgreSqlContainer, type StartedPostgreSqlContainer } from '@testcontainers/postgresql';
import { getContainerRuntimeClient, Network, RandomPortGenerator, type StartedNetwork, Wait } from 'testcontainers';
import { stopWhenInterrupted } from '../../../lab/runtimes/local/testdata/interrupted-test.ts';
import { look } from './onlooker.ts';
import type { PausableServer } from './outages-suite.ts';

const PORT = 5432;
const START_LIMIT_MS = 20_000;

/** A Postgres in a container, on a network of its own from which it can be cut off. */
export class ContainerServer implements PausableServer {
  readonly url: string;
  /** Why its clients would be told that its network is cut; undefined where packets just vanish. */
  readonly whyNoCut: string | undefined;
  readonly #parts: Parts;
  readonly #remove: () => Promise<void>;

  static async start(): Promise<ContainerServer> {
    const starting = startParts();
    let removing: Promise<void> | undefined;
    const removeOnce = () => (removing ??= starting.then(removeParts));
    const interrupted = stopWhenInterrupted(removeOnce);
    const remove = () => removeOnce().then(interrupted.stopped);
    const parts = await starting;
    try {
      const server = new ContainerServer(parts, await accepts(parts.address), remove);
      await server.#answer();
      return server;
    } catch (error) {
      await remove();
      throw error;
    }
  }

  private constructor(parts: Parts, reachable: boolean, remove: () => Promise<void>) {
    this.#parts = parts;
    this.#remove = remove;
    const { started, address } = parts;
    const [host, port] = reachable ? [address, PORT] : [started.getHost(), started.getPort()];
    this.url = `postgresql://${started.getUsername()}:${started.getPassword()}@${host}:${port}/${started.getDatabase()}`;
    this.whyNoCut = reachable
      ? undefined
      : 'this engine shows its containers through published ports only, which tell their clients at once';
  }

  async pause(): Promise<void> {
    await this.#parts.container.pause();
  }

  async resume(): Promise<void> {
    await this.#parts.container.unpause();
  }

  async stop(): Promise<void> {
    await this.#parts.container.stop();
  }

  async startAgain(): Promise<void> {
    await this.#parts.container.start();
    await this.#answer();
  }

  /** From now on packets to it and from it vanish; its sessions are not told. */
  async cutNetwork(): Promise<void> {
    const { container, network } = this.#parts;
    await network.disconnect({ Container: container.id });
  }

  async mendNetwork(): Promise<void> {
    const { container, network } = this.#parts;
    await network.connect({ Container: container.id });
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
    const { container, startedNetwork, address } = this.#parts;
    const { NetworkSettings } = await container.inspect();
    const now = NetworkSettings.Networks[startedNetwork.getName()]?.IPAddress;
    // Alone on its network it is given the same address each time.
    if (now !== address) throw new Error(`the container moved from ${address} to ${now}`);
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

/** The container and its network, as Testcontainers and as the engine's client see them. */
type Parts = Awaited<ReturnType<typeof startParts>>;

async function startParts() {
  const startedNetwork = await new Network().start();
  try {
    const started = await startContainer(startedNetwork);
    const engine = await getContainerRuntimeClient();
    return {
      started,
      startedNetwork,
      container: engine.container.getById(started.getId()),
      network: engine.network.getById(startedNetwork.getId()),
      address: started.getIpAddress(startedNetwork.getName()),
    };
  } catch (error) {
    await startedNetwork.stop();
    throw error;
  }
}

async function startContainer(network: StartedNetwork): Promise<StartedPostgreSqlContainer> {
  const container = new PostgreSqlContainer('postgres:18')
    .withNetwork(network)
    .withPassword(randomBytes(18).toString('hex'))
    // The engine would choose another one each time that it starts.
    .withExposedPorts({ container: PORT, host: await new RandomPortGenerator().generatePort() })
    // The module's own goes on four times a second for as long as the container runs.
    .withHealthCheck({ test: ['CMD', 'true'], interval: 3_600_000 })
    .withWaitStrategy(Wait.forListeningPorts());
  return container.start();
}

async function removeParts({ container, startedNetwork }: Parts): Promise<void> {
  await container.remove({ force: true, v: true });
  await startedNetwork.stop();
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
