import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DOT_HEADER, type LiveTarget } from '../../model/wire.ts';

interface CountingServerSettings {
  readonly name: string;
  readonly delayMs: number;
  readonly status: number;
}

/** A server that counts what comes. */
export class CountingServer implements AsyncDisposable {
  readonly target: LiveTarget;
  requests = 0;
  /** Of them, those that sent a body. */
  posted = 0;
  /** As their headers name them, in the order in which they came. */
  readonly dots: number[] = [];
  /** When the last request came, in milliseconds of `performance.now()`. */
  lastArrival = Number.NaN;
  readonly #server;

  private constructor(server: ReturnType<typeof createServer>, target: LiveTarget) {
    this.#server = server;
    this.target = target;
  }

  static async start(settings: Partial<CountingServerSettings> = {}): Promise<CountingServer> {
    const { name = 'target', delayMs = 0, status = 200 } = settings;
    const server = createServer();
    server.keepAliveTimeout = 75_000;
    server.listen({ port: 0, host: '127.0.0.1', backlog: 8192 });
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const counting = new CountingServer(server, { name, url });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      counting.#count(request);
      response.statusCode = status;
      setTimeout(() => response.end('{"ok":true}'), delayMs).unref();
    });
    return counting;
  }

  #count(request: IncomingMessage): void {
    request.resume();
    this.requests++;
    this.lastArrival = performance.now();
    if (request.method === 'POST') this.posted++;
    const dot = request.headers[DOT_HEADER.toLowerCase()];
    if (dot !== undefined) this.dots.push(Number(dot));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
