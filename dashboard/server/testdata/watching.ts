import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { EventStream } from '../web/event-stream.ts';

/** A connection to an event stream. */
export interface Watching {
  readonly headers: IncomingHttpHeaders;
  /** The server's side. */
  readonly response: ServerResponse;
  readonly received: { readonly event: string; readonly data: string }[];
  /** Starts to read. */
  read(): void;
  leave(): void;
  readonly closed: boolean;
}

/** Serves a stream on a port of its own; `watch` connects to it. */
export async function serve(stream: EventStream, headers: Record<string, string> = {}) {
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    stream.open(response, headers, request.url !== '/?again');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { close, watch };

  async function watch(path = '/'): Promise<Watching> {
    const request = get({ port, path, agent: false });
    const [incoming] = (await once(request, 'response')) as [IncomingMessage];
    // The server may drop it.
    incoming.on('error', () => {});
    const received: { event: string; data: string }[] = [];
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

function receive(incoming: IncomingMessage, received: { event: string; data: string }[]): void {
  let parts: string[] = [];
  incoming.setEncoding('utf8').on('data', (text: string) => {
    parts.push(text);
    // A long event comes in many parts.
    if (!text.includes('\n')) return;
    const events = parts.join('').split('\n\n');
    parts = [events.pop() ?? ''];
    const field = (event: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1] ?? '';
    received.push(...events.map(event => ({ event: field(event, 'event'), data: field(event, 'data') })));
  });
}

/** Waits until it is so; fails after five seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`not within five seconds: ${isSo}`);
    await setImmediate();
  }
}
