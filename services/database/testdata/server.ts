import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres, stopPostgres } from '../../../lab/runtimes/local/postgres.ts';
import { stopWhenInterrupted } from '../../../lab/runtimes/local/testdata/interrupted-test.ts';
import { look } from './onlooker.ts';
import type { PausableServer } from './outages-suite.ts';

/** A Postgres of a test's own, which can be paused, resumed, stopped and started again. */
export class TestServer implements PausableServer {
  readonly #folder: string;
  readonly #port: number;
  #postgres: Postgres;
  readonly #interrupted: ReturnType<typeof stopWhenInterrupted>;

  static async start(maxConnections = 60): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'loadline-database-'));
    const port = await freePort();
    const interruption = new AbortController();
    const interrupted = stopWhenInterrupted(async () => {
      interruption.abort();
      await stopPostgres(folder);
      await rm(folder, { recursive: true, force: true });
    });
    const { signal } = interruption;
    const postgres = await startPostgres({ folder, port, maxConnections, signal });
    return new TestServer(folder, port, postgres, interrupted);
  }

  private constructor(
    folder: string,
    port: number,
    postgres: Postgres,
    interrupted: ReturnType<typeof stopWhenInterrupted>,
  ) {
    this.#interrupted = interrupted;
    this.#folder = folder;
    this.#port = port;
    this.#postgres = postgres;
  }

  get url(): string {
    return this.#postgres.url;
  }

  /** Pauses every process of the server, as a stopped machine would. */
  async pause(): Promise<void> {
    process.kill(this.#postgres.pid, 'SIGSTOP');
    for (const pid of await this.#children()) process.kill(pid, 'SIGSTOP');
  }

  async resume(): Promise<void> {
    for (const pid of await this.#children()) process.kill(pid, 'SIGCONT');
    process.kill(this.#postgres.pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    await stopPostgres(this.#folder);
  }

  async startAgain(): Promise<void> {
    this.#postgres = await startPostgres({ folder: this.#folder, port: this.#port, maxConnections: 60 });
  }

  ask(text: string): Promise<unknown> {
    return look(this.url, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A test that failed in between may have left it paused, or stopped.
    await this.resume().catch(() => undefined);
    await this.stop();
    this.#interrupted.stopped();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #children(): Promise<number[]> {
    const { pid } = this.#postgres;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
