import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import { runChild } from '../child-process.ts';
import { findNginx, type NginxProgram, OLDEST_NGINX, UNPACKED_NGINX } from './nginx.ts';
import { indentTail } from './processes.ts';

interface NginxSearch {
  readonly signal: AbortSignal;
  /** Told what is about to be done. */
  readonly say: (line: string) => void;
}

/** How to install nginx with the package manager of a system, by a file that the system has. */
const INSTALL_COMMANDS = [
  ['/usr/bin/apt-get', 'sudo apt-get install --no-install-recommends nginx-light'],
  ['/usr/bin/dnf', 'sudo dnf install nginx-core'],
  ['/sbin/apk', 'sudo apk add nginx'],
  ['/usr/bin/pacman', 'sudo pacman -S nginx'],
  ['/usr/bin/zypper', 'sudo zypper install nginx'],
] as const;

/** Whether `provideNginx` can download nginx here. */
export function hasApt(): boolean {
  return existsSync('/usr/bin/apt-get');
}

/** The command that installs nginx on this system. */
function installNginxCommand(): string {
  const [, command] = INSTALL_COMMANDS.find(([file]) => existsSync(file)) ?? [];
  return command ?? 'see https://nginx.org/en/docs/install.html';
}

/**
 * The nginx of this machine. Where there is none, downloads the package of the distribution and unpacks it into the
 * checkout, which takes apt and dpkg-deb but no root.
 */
export async function provideNginx({ signal, say }: NginxSearch): Promise<NginxProgram> {
  const present = await findNginx();
  if (present) return present;
  const byHand = `install it with: ${installNginxCommand()}`;
  const missing = `nginx ${OLDEST_NGINX} or later is not on this machine`;
  if (!hasApt()) throw new LoadlineError('nginx-missing', `${missing}; ${byHand}`);
  say('nginx is missing: downloading the package of this distribution and unpacking it into .loadline/nginx');
  await downloadNginx(UNPACKED_NGINX, signal).catch(cause => {
    if (!(cause instanceof StepFailure)) throw cause;
    throw new LoadlineError('nginx-missing', `${missing} and could not be downloaded; ${byHand}\n${cause.message}`);
  });
  const unpacked = await findNginx();
  if (unpacked) return unpacked;
  const message = `${missing}, and that of this distribution is older or does not run here; ${byHand}`;
  throw new LoadlineError('nginx-missing', message);
}

/** Downloads nginx, with the libraries that this machine lacks, into a folder, where it is started as `nginx`. */
export async function downloadNginx(to: string, signal: AbortSignal): Promise<void> {
  const unfinished = `${to}.${process.pid}.part`;
  try {
    await mkdir(unfinished, { recursive: true });
    await unpackNginx(unfinished, to, signal);
    await rm(to, { recursive: true, force: true });
    await rename(unfinished, to);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** One of the programs that unpack nginx failed. */
class StepFailure extends Error {}

/** Leaves in `folder` what will run once the folder is called `finalFolder`. */
async function unpackNginx(folder: string, finalFolder: string, signal: AbortSignal): Promise<void> {
  const run = async (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runChild(program, args, { cwd: folder, signal });
    if (code !== 0) throw new StepFailure(`${program} ${args.at(-1)} failed:${indentTail(`${stdout}${stderr}`)}`);
    return stdout;
  };
  // Its cache lies here too. As root apt would download as another user, who may not enter the checkout.
  const apt = ['-q', '-o', 'APT::Sandbox::User=root', '-o', `Dir::Cache=${folder}/cache`];
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true });
  const unpack = async (...packages: string[]) => {
    await run('apt-get', ...apt, 'download', ...packages);
    const files = (await readdir(folder)).filter(name => name.endsWith('.deb'));
    for (const file of files) await run('dpkg-deb', '-x', file, '.');
    return files;
  };
  let files: string[];
  try {
    files = await unpack('nginx');
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    // The lists of packages are missing or out of date.
    await mkdir(join(folder, 'state/lists/partial'), { recursive: true });
    apt.push('-o', `Dir::State=${folder}/state`);
    await run('apt-get', ...apt, 'update');
    files = await unpack('nginx');
  }
  if (/not found/.test(await run('ldd', 'usr/sbin/nginx'))) {
    const depends = await run('dpkg-deb', '-f', files[0] ?? '', 'Depends');
    const names = depends.split(',').map(entry => /^\s*(lib[^\s|:]*|zlib1g)/.exec(entry)?.[1] ?? '');
    files = await unpack(...new Set(names.filter(name => name !== '' && name !== 'libc6')));
  }
  const libraries = ['usr/lib', 'lib'].map(path => `$folder/${path}/$(uname -m)-linux-gnu`).join(':');
  const lines = [
    '#!/bin/sh',
    `folder='${finalFolder.replaceAll("'", "'\\''")}'`,
    `LD_LIBRARY_PATH="${libraries}" exec "$folder/usr/sbin/nginx" "$@"`,
  ];
  await writeFile(join(folder, 'nginx'), `${lines.join('\n')}\n`, { mode: 0o755 });
  for (const part of ['cache', 'state', ...files]) await rm(join(folder, part), { recursive: true, force: true });
}
