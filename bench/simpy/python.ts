import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The version that the figures in docs/simulation.md are of. */
export const SIMPY = '4.1.2';

/** What the machine lacks, in a sentence for whoever wants to measure. */
export class Missing extends Error {}

/** The Python of a virtual environment with SimPy below `root`; made when it is not there. */
export function pythonWithSimpy(root: string, say: (line: string) => void): string {
  const folder = join(root, '.loadline/simpy');
  const python = join(folder, 'bin/python');
  if (installed(python) === SIMPY) return python;
  say(`making ${folder} with SimPy ${SIMPY} …`);
  if (!answers('python3', ['--version'])) {
    throw new Missing('python3 is not on this machine: install it (apt-get install python3 python3-venv), and repeat.');
  }
  if (!answers('python3', ['-m', 'venv', '--clear', folder])) {
    throw new Missing(`python3 could not make ${folder}: install its module venv (apt-get install python3-venv).`);
  }
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `simpy==${SIMPY}`];
  if (!answers(python, install) || installed(python) !== SIMPY) {
    throw new Missing(`pip could not install SimPy ${SIMPY} into ${folder}: see what it says above, and repeat.`);
  }
  return python;
}

function installed(python: string): string {
  const program = 'from importlib.metadata import version; print(version("simpy"))';
  return String(spawnSync(python, ['-c', program], { stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? '').trim();
}

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}
