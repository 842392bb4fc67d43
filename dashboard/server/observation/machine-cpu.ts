import { cpus } from 'node:os';

/** Time of all CPUs of the host since it started, in milliseconds. */
export interface CpuTime {
  readonly busy: number;
  readonly total: number;
}

/** CPUs of the host, also where a container may use only some of them: what "of all CPUs" is a fraction of. */
export function hostCpus(): number {
  return cpus().length;
}

/** The host's CPU time until now. */
export function cpuTime(): CpuTime {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const used = times.user + times.nice + times.sys + times.irq;
    busy += used;
    total += used + times.idle;
  }
  return { busy, total };
}

/** The fraction of the host's CPUs that was in use between two moments. */
export function cpuBetween(before: CpuTime, after: CpuTime): number {
  const total = after.total - before.total;
  return total > 0 ? Math.max(0, Math.min((after.busy - before.busy) / total, 1)) : 0;
}
