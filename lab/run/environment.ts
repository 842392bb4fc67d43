import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { cpuLimit, readText } from '../../services/cpus.ts';

/** The CPUs of a machine. */
interface Machine {
  readonly cpuModel: string;
  readonly cpus: number;
  /** The container's limit in CPUs; absent: it has none. */
  readonly cpuLimit: number | undefined;
}

/** What one needs to know of a machine and a checkout to repeat a measurement there. */
interface MachineEnvironment extends Omit<Machine, 'cpuLimit'> {
  readonly loadline: string;
  /** The checkout's commit, with `+changes` if files differ from it; `unknown` outside a repository. */
  readonly commit: string;
  readonly node: string;
  readonly kernel: string;
  readonly cpuLimit?: number;
  readonly memory: number;
  /** The governor of the first CPU; absent: it cannot be read. */
  readonly governor?: string;
}

/** Reads the CPUs of this machine. */
export function readMachine(): Machine {
  return { cpuModel: cpus()[0]?.model ?? 'unknown', cpus: cpus().length, cpuLimit: cpuLimit() };
}

/** Reads the machine and the checkout in `root`. */
export function describeEnvironment(root: string): MachineEnvironment {
  const { cpuLimit, ...machine } = readMachine();
  const governor = (readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? '').trim();
  return {
    loadline: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
    commit: readCommit(root),
    node: process.version,
    kernel: release(),
    ...machine,
    ...(cpuLimit !== undefined && { cpuLimit }),
    memory: totalmem(),
    ...(governor !== '' && { governor }),
  };
}

function readCommit(root: string): string {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+changes';
    return `${git('rev-parse', 'HEAD')}${changes}`;
  } catch {
    return 'unknown';
  }
}
