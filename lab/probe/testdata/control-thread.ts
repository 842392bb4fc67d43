import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProcessCounters, ProcessResources } from '../../../model/wire.ts';

/** A control thread without a process: answers what it is told to, or nothing. */
export class ControlThread implements AsyncDisposable {
  counters: ProcessCounters | undefined;
  resources: ProcessResources | undefined;
  /** Paths in the order in which they were asked for, and how many connections that took. */
  readonly asked: string[] = [];
  connections = 0;
  /** Called after each question. */
  onAsked: () => void = () => undefined;
  readonly #server: Server;

  /** On `port` (0: any that is free) of the loopback address. */
  static async open(port = 0): Promise<ControlThread> {
    const control = new ControlThread();
    control.#server.listen(port, '127.0.0.1');
    await once(control.#server, 'listening');
    return control;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      const answer = { '/counters': this.counters, '/resources': this.resources }[request.url ?? ''];
      if (answer !== undefined) response.end(JSON.stringify(answer));
      this.onAsked();
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** As a process that is ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
