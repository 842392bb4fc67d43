import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LoadlineError } from '../../loadline-error.ts';
import { findNginx, type NginxProgram } from './nginx.ts';

/** How a family of systems installs nginx without starting it as a service, and without asking. */
const managers = [
  {
    program: 'apt-get',
    byHand: 'apt-get install --no-install-recommends nginx-light',
    // Debian starts a service as soon as it is installed, on port 80; for this one installation it is told not to.
    script: `
      set -e
      if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
      fi
      export DEBIAN_FRONTEND=noninteractive
      apt-get install -y -q --no-install-recommends nginx-light ||
        { apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light; }`,
  },
  { program: 'dnf', byHand: 'dnf install nginx-core', script: 'dnf install -y -q nginx-core' },
  { program: 'apk', byHand: 'apk add nginx', script: 'apk add -q nginx' },
] as const;

/** The nginx of this machine, installed with the system's package manager when it is missing and that is allowed. */
export async function installedNginx({
  signal,
  say,
}: {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}): Promise<NginxProgram> {
  const there = await findNginx();
  if (there) return there;
  const manager = await firstOnPath(managers);
  if (manager === undefined) {
    throw new LoadlineError(
      'nginx-missing',
      'nginx is not on this machine; install nginx 1.22 or later so that it is on PATH',
    );
  }
  const asRoot = await waysToRoot(signal);
  if (asRoot === undefined) {
    throw new LoadlineError('nginx-missing', `nginx is not on this machine; install it with: sudo ${manager.byHand}`);
  }
  say(`nginx is missing, and every topology runs behind it: installing it (${manager.byHand}), not as a service`);
  const { code, output } = await run([...asRoot, 'sh', '-c', manager.script], signal);
  const installed = await findNginx();
  if (code === 0 && installed) return installed;
  const end = output.trimEnd().split('\n').slice(-8).join('\n    ');
  throw new LoadlineError('nginx-missing', `nginx could not be installed (${manager.byHand}):\n    ${end}`);
}

/** What stands before a command that needs root; `undefined` when this user may not become root without being asked. */
async function waysToRoot(signal: AbortSignal): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '--non-interactive'];
  return (await run([...sudo, 'true'], signal)).code === 0 ? sudo : undefined;
}

async function run([program = '', ...args]: string[], signal: AbortSignal): Promise<{ code: number; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, output };
  } catch (error) {
    signal.throwIfAborted();
    return { code: 1, output: String(error) };
  }
}

async function firstOnPath<T extends { readonly program: string }>(choices: readonly T[]): Promise<T | undefined> {
  for (const choice of choices) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const found = await access(join(folder, choice.program), constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return choice;
    }
  }
  return undefined;
}
