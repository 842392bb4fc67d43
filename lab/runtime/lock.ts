import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Something that one process of this machine holds at a time. */
export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

/**
 * Takes the lock of that name; `undefined` when another process holds it. The kernel gives it back when its holder
 * ends, however it ends: a lock is a listening socket with a name outside of the file system.
 */
export async function tryLock(name: string): Promise<Lock | undefined> {
  const server = createServer(socket => socket.destroy());
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  // A lock alone keeps no process alive.
  server.listen({ path: `\0loadline-${digest}` }).unref();
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  const release = async () => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return { release, [Symbol.asyncDispose]: release };
}
