import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Reads a file of the system; `undefined` when it is not there. */
export type ReadText = (path: string) => string | undefined;

/** CPUs that are really there: those of the machine, or the limit of the container (whole CPUs, rounded down, at least 1). */
export function availableCpus(machine = availableParallelism(), read: ReadText = readText): number {
  return Math.max(1, Math.floor(Math.min(machine, cpuLimit(read) ?? machine)));
}

/** The container's limit in CPUs, with its fraction; `undefined` when there is none. */
export function cpuLimit(read: ReadText = readText): number | undefined {
  return limitV2(read('/sys/fs/cgroup/cpu.max')) ?? limitV1(read);
}

/** `200000 100000`: microseconds of CPU in each period; `max 100000`: no limit. */
function limitV2(text: string | undefined): number | undefined {
  const [quota, period] = (text ?? '').trim().split(' ').map(Number);
  return quotient(quota, period);
}

/** The same in two files; a quota of -1: no limit. */
function limitV1(read: ReadText): number | undefined {
  const folder = '/sys/fs/cgroup/cpu';
  return quotient(Number(read(`${folder}/cpu.cfs_quota_us`)), Number(read(`${folder}/cpu.cfs_period_us`)));
}

function quotient(quota = Number.NaN, period = Number.NaN): number | undefined {
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** Reads a file of /proc or /sys. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
