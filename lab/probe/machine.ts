import { cpus } from 'node:os';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import { cpuLimit, type ReadText, readText } from '../../services/cpus.ts';
import { TICKS_PER_SECOND } from './processes.ts';

/** Time of all CPUs together. */
export interface MachineTime {
  readonly busy: Seconds;
  readonly total: Seconds;
  /** Taken away by a hypervisor. */
  readonly steal: Seconds;
}

/** CPUs of this machine, also inside a container that may use only some of them. */
export function hostCpus(): number {
  return cpus().length;
}

/** Time of all CPUs of this machine since it started, also inside a container that may use only some of them. */
export function hostTime(read: ReadText = readText): MachineTime {
  const line = (read('/proc/stat') ?? '').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, softInterrupts = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(ticks => Number(ticks) / TICKS_PER_SECOND);
  const busy = user + nice + system + interrupts + softInterrupts;
  return { busy, total: busy + idle + waiting + steal, steal };
}

/** Time of all CPUs that may be used: of the machine since it started, or of a container within its limit. */
export function machineTime(machine = hostCpus(), read: ReadText = readText): MachineTime {
  const { busy, total, steal } = hostTime(read);
  const limit = cpuLimit(read);
  const used = containerTime(read);
  if (limit === undefined || limit >= machine || used === undefined) return { busy, total, steal };
  const part = limit / machine;
  return { busy: used, total: total * part, steal: steal * part };
}

/** The part of all CPU time between two snapshots that was busy, and that a hypervisor took away. */
export function cpuBetween(before: MachineTime, after: MachineTime): { busy: Fraction; steal: Fraction } {
  const total = after.total - before.total;
  const part = (time: Seconds) => (total > 0 ? Math.max(0, Math.min(time / total, 1)) : 0);
  return { busy: part(after.busy - before.busy), steal: part(after.steal - before.steal) };
}

/** CPU seconds of this container: microseconds in a file of many lines (cgroup v2), nanoseconds in one of its own (v1). */
function containerTime(read: ReadText): Seconds | undefined {
  const microseconds = /^usage_usec (\d+)$/m.exec(read('/sys/fs/cgroup/cpu.stat') ?? '')?.[1];
  if (microseconds !== undefined) return Number(microseconds) / 1e6;
  const nanoseconds = read('/sys/fs/cgroup/cpuacct/cpuacct.usage');
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e9;
}
