import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { EventStream } from '../event-stream.ts';

/** An event as it came over the wire. */
export interface Received {
  readonly event: string;
  readonly id?: string;
  readonly data: string;
}

/** One that watches, over a connection of its own. */
export interface Watching {
  readonly headers: IncomingHttpHeaders;
  /** The server's side of it. */
  readonly response: ServerResponse;
  readonly received: Received[];
  /** Has it read from now on. */
  read(): void;
  leave(): void;
  readonly closed: boolean;
}

/** Serves a stream on a port of its own; `watch` begins to watch it, as the client of that id. */
export async function serve(stream: EventStream, headers: Record<string, string> = {}) {
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    const known = request.headers['last-event-id'];
    stream.open(response, headers, typeof known === 'string' ? known : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { close, watch };

  async function watch(id?: string): Promise<Watching> {
    const request = get({ port, agent: false, headers: id === undefined ? {} : { 'last-event-id': id } });
    const [incoming] = (await once(request, 'response')) as [IncomingMessage];
    // It may be cut off.
    incoming.on('error', () => {});
    const received: Received[] = [];
    return {
      headers: incoming.headers,
      response: responses.at(-1) as ServerResponse,
      received,
      read: () => receive(incoming, received),
      leave: () => void incoming.destroy(),
      get closed() {
        return incoming.closed || incoming.socket.closed;
      },
    };
  }
}

function receive(incoming: IncomingMessage, received: Received[]): void {
  let parts: string[] = [];
  incoming.setEncoding('utf8').on('data', (text: string) => {
    parts.push(text);
    // A long event comes in many parts.
    if (!text.includes('\n')) return;
    const events = parts.join('').split('\n\n');
    parts = [events.pop() ?? ''];
    received.push(...events.map(receivedOf));
  });
}

function receivedOf(text: string): Received {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const id = field('id');
  return { event: field('event') ?? '', data: field('data') ?? '', ...(id !== undefined && { id }) };
}

/** Waits until it is so; fails after two seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 2000;
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`not within two seconds: ${isSo}`);
    await setImmediate();
  }
}
