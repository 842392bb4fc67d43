import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { LoadlineError } from '../../model/errors.ts';

/** Something that one process of this machine holds at a time. */
export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

/** Where locks are: in names that Linux has outside of the file system, or in files of a folder that each user has. */
export type LockPlace = 'kernel' | 'files';

/** Takes the lock of that name, which ends with its holder, however it ends; `undefined` when another process holds it. */
export async function tryLock(name: string, place: LockPlace = usualPlace): Promise<Lock | undefined> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const release = await (place === 'kernel' ? listenOn(`\0loadline-${digest}`) : lockFile(digest));
  return release && { release, [Symbol.asyncDispose]: release };
}

const usualPlace: LockPlace = process.platform === 'linux' ? 'kernel' : 'files';

/** Not where TMPDIR says: commands to which it says different things have to meet. */
const folder = `/tmp/loadline-${userInfo().uid}`;

type Release = Lock['release'];

async function listenOn(path: string): Promise<Release | undefined> {
  const server = createServer(socket => socket.destroy());
  // A lock alone keeps no process alive.
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

/** Held here so that none is closed as garbage while its lock is needed. */
const lockedFiles = new Set<Disposable>();

/** SQLite has what Node itself lacks: a lock of a file that the kernel gives to one process, and takes back at its end. */
async function lockFile(digest: string): Promise<Release | undefined> {
  try {
    const { DatabaseSync } = await import('node:sqlite');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = new DatabaseSync(`${folder}/${digest}`);
    try {
      // Of several at the same moment one has it: with EXCLUSIVE, or with a journal that a killed holder left, all could
      // be in each other's way.
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
    throw new LoadlineError(
      'folder-unwritable',
      `A lock cannot be made in ${folder}; remove that folder, or let its owner do it`,
      { cause },
    );
  }
}

const SQLITE_BUSY = 5;
