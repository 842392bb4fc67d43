import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { findNginx, type NginxProgram, OLDEST_NGINX } from './nginx.ts';

/** Tells Debian's policy for services, as made here, from one that is the user's. */
const MADE_HERE = 'made by Loadline while it installs nginx';

/** How a family of systems installs nginx without starting it as a service, and without asking. */
const managers: readonly Manager[] = [
  {
    program: 'apt-get',
    byHand: 'apt-get install --no-install-recommends nginx-light',
    // Debian starts a service as soon as it is installed, on port 80; for this one installation it is told not to.
    script: `
      set -e
      if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\\n# ${MADE_HERE}\\nexit 101\\n' > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
      fi
      trap 'exit 130' INT TERM HUP
      export DEBIAN_FRONTEND=noninteractive
      apt-get install -y -q --no-install-recommends nginx-light ||
        { apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light; }`,
    undo: `if grep -qs '${MADE_HERE}' /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi`,
  },
  { program: 'dnf', byHand: 'dnf install nginx-core', script: 'dnf install -y -q nginx-core' },
  { program: 'apk', byHand: 'apk add nginx', script: 'apk add -q nginx' },
];

interface Manager {
  readonly program: string;
  readonly byHand: string;
  readonly script: string;
  /** Takes back what the installation needed only for its own time. */
  readonly undo?: string;
}

/** A package manager that is cut off leaves half a package: after an interruption it has this long to come to an end. */
const LONGEST_END: Seconds = 10;

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
      `nginx ${OLDEST_NGINX} or later is not on this machine, and of ${managers.map(({ program }) => program).join(', ')} none is, which could install it: install nginx with your system's package manager, or from https://nginx.org/en/download.html, so that it is on PATH`,
    );
  }
  const asRoot = await waysToRoot();
  if (asRoot === undefined) {
    throw new LoadlineError(
      'nginx-missing',
      `nginx ${OLDEST_NGINX} or later is not on this machine; install it with: sudo ${manager.byHand}`,
    );
  }
  say(`nginx is missing, and every topology runs behind it: installing it (${manager.byHand}), not as a service`);
  const { code, output } = await runToTheEnd(manager, asRoot, signal);
  const installed = await findNginx();
  if (code === 0 && installed) return installed;
  const end = output.trimEnd().split('\n').slice(-8).join('\n    ');
  throw new LoadlineError('nginx-missing', `nginx could not be installed (${manager.byHand}):\n    ${end}`);
}

/** What stands before a command that needs root; `undefined` when this user may not become root without being asked. */
async function waysToRoot(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '--non-interactive'];
  return (await outcomeOf(start([...sudo, 'true']))).code === 0 ? sudo : undefined;
}

/** Runs a manager's script in a process group of its own, which an interruption ends as a whole. */
async function runToTheEnd(manager: Manager, asRoot: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const child = start([...asRoot, 'sh', '-c', manager.script], { detached: true });
  // A user may not signal what sudo runs as root, but by sudo.
  const end = (name: string) => void outcomeOf(start([...asRoot, 'kill', '-s', name, '--', `-${child.pid}`]));
  let force: NodeJS.Timeout | undefined;
  const interrupt = () => {
    end('INT');
    force = setTimeout(() => end('KILL'), LONGEST_END * 1000);
  };
  signal.addEventListener('abort', interrupt);
  try {
    if (signal.aborted) interrupt();
    return await outcomeOf(child);
  } finally {
    signal.removeEventListener('abort', interrupt);
    clearTimeout(force);
    if (manager.undo !== undefined) await outcomeOf(start([...asRoot, 'sh', '-c', manager.undo]));
    signal.throwIfAborted();
  }
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function start([program = '', ...args]: readonly string[], options: { readonly detached?: boolean } = {}) {
  return spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outcomeOf(child: ReturnType<typeof start>): Promise<Outcome> {
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
