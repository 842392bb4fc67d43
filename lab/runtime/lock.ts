import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Something that one process of this machine holds at a time. */
export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

/** Where locks are: in names that Linux has outside of the file system, or in sockets of the folder for what is temporary. */
export type LockPlace = 'kernel' | 'files';

/**
 * Takes the lock of that name; `undefined` when another process holds it. A lock is a listening socket, which ends with
 * its holder, however it ends.
 */
export async function tryLock(name: string, place: LockPlace = usualPlace): Promise<Lock | undefined> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  if (place === 'kernel') return listenOn(`\0loadline-${digest}`);
  const path = join(tmpdir(), `loadline-${digest}`);
  const lock = await listenOn(path);
  if (lock !== undefined || (await isHeld(path))) return lock;
  // The file of a holder that was killed stays behind.
  await rm(path, { force: true });
  return listenOn(path);
}

const usualPlace: LockPlace = process.platform === 'linux' ? 'kernel' : 'files';

async function listenOn(path: string): Promise<Lock | undefined> {
  const server = createServer(socket => socket.destroy());
  // A lock alone keeps no process alive.
  server.listen({ path }).unref();
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

/** Whether somebody listens there. */
async function isHeld(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
