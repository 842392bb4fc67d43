import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { CANCEL_ON_CLOSE } from '../model/contract/contract.ts';

/** Of Linux and macOS: `recv` leaves what it reads in the socket. */
const MSG_PEEK = 2;
const header = CANCEL_ON_CLOSE.toLowerCase();
const byte = new Uint8Array(1);
let hasEnded: ((fd: number) => boolean) | undefined;

/**
 * Whether the proxy that sent this request has closed its connection: then no client waits for the answer. Asks the
 * socket itself, since a busy thread has not yet read the end that waits there. A client that comes past the proxy may
 * half-close its connection and still wait, so without the proxy's header a request is never abandoned.
 */
export function isAbandoned({ headers, socket }: IncomingMessage): boolean {
  if (headers[header] === undefined) return false;
  const fd = descriptorOf(socket);
  hasEnded ??= loadHasEnded();
  return fd === undefined || hasEnded(fd);
}

/** Node has no public name for it. */
function descriptorOf(socket: Socket): number | undefined {
  return (socket as { _handle?: { fd: number } | null })._handle?.fd;
}

/** Loaded with the first request that needs it: while measuring none does, and an event loop is 2 MB smaller without. */
function loadHasEnded(): (fd: number) => boolean {
  const koffi: typeof import('koffi').default = createRequire(import.meta.url)('koffi');
  const recv = koffi.load(null).func('int64 recv(int, void *, size_t, int)');
  return fd => {
    const received: number = recv(fd, byte, 1, MSG_PEEK);
    return received === 0 || (received < 0 && koffi.errno() !== koffi.os.errno.EAGAIN);
  };
}
