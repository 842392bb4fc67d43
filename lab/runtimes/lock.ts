import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { LoadlineError } from '../../model/errors.ts';

/** What one process of this machine holds at a time. */
export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

/** Linux keeps locks as abstract socket names in the kernel; other systems keep them in files of a folder for each user. */
export type LockPlace = 'kernel' | 'files';

const usualPlace: LockPlace = process.platform === 'linux' ? 'kernel' : 'files';
/** Not in TMPDIR: commands with different values of it must meet. */
const folder = `/tmp/loadline-${userInfo().uid}`;
const SQLITE_BUSY = 5;
/** Referenced, so that no file is closed as garbage while its lock is held. */
const lockedFiles = new Set<Disposable>();

/**
 * Takes the lock of that name; `undefined` when another process holds it. The kernel frees it when its holder ends,
 * also by SIGKILL, which packages that keep lock files up to date (proper-lockfile) do only after a timeout.
 */
export async function tryLock(name: string, place: LockPlace = usualPlace): Promise<Lock | undefined> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const release = await (place === 'kernel' ? listenOn(`\0loadline-${digest}`) : lockFile(digest));
  return release && { release, [Symbol.asyncDispose]: release };
}

async function listenOn(path: string): Promise<Lock['release'] | undefined> {
  const server = createServer(socket => socket.destroy());
  server.listen({ path }).unref();
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return async () => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
}

/** Node cannot lock files, but its SQLite can. */
async function lockFile(digest: string): Promise<Lock['release'] | undefined> {
  try {
    const { DatabaseSync } = await import('node:sqlite');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = new DatabaseSync(`${folder}/${digest}`);
    try {
      // EXCLUSIVE, or a journal left by a killed holder, could make all of several takers fail.
      file.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    } catch (error) {
      file.close();
      throw error;
    }
    lockedFiles.add(file);
    return async () => {
      if (lockedFiles.delete(file)) file.close();
    };
  } catch (cause) {
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) return undefined;
    const message = `A lock cannot be made in ${folder}; remove that folder, or let its owner do it`;
    throw new LoadlineError('folder-unwritable', message, { cause });
  }
}
