import { Agent, request } from 'undici';
import type { TopologyName } from '../../../../model/topology.ts';
import type { LocalEndpoint } from '../stack.ts';

/** An answer as the client saw it; moments and durations in milliseconds. */
export interface TimedAnswer {
  readonly topology: TopologyName;
  readonly path: string;
  readonly sent: number;
  readonly ended: number;
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** From being picked up by a worker to the answer. */
  readonly inWorkerMs: number;
}

/** To each topology, one after the other; the first needs no database. */
const PATHS = ['/plain', '/items/7', '/wait?ms=20', '/items?limit=5', '/work?units=1&ms=5&reads=2'];
const GAP_MS = 40;

/** A small open load on every endpoint: a request each every 40 ms, whatever became of the others. */
export class SteadyLoad {
  readonly answers: TimedAnswer[] = [];
  readonly #agent = new Agent({ headersTimeout: 10_000, bodyTimeout: 10_000 });
  readonly #asked: Promise<void>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(endpoints: readonly LocalEndpoint[]) {
    let turn = 0;
    this.#timer = setInterval(() => {
      const path = PATHS[turn++ % PATHS.length] ?? '/';
      for (const endpoint of endpoints) this.#asked.push(this.#ask(endpoint, path));
    }, GAP_MS);
  }

  /** Sends no more; returns when everything has been answered, and throws when something was not. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
    await this.#agent.close();
  }

  async #ask({ url, deployment: { topology } }: LocalEndpoint, path: string): Promise<void> {
    const sent = performance.now();
    const { statusCode: status, headers, body } = await request(url + path, { dispatcher: this.#agent });
    await body.text();
    const ended = performance.now();
    const inWorkerMs = Number(/app;dur=([\d.]+)/.exec(String(headers['server-timing']))?.[1]);
    const retryAfter = headers['retry-after']?.toString();
    this.answers.push({ topology, path, sent, ended, status, retryAfter, inWorkerMs });
  }
}
