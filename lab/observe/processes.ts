import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Bytes, Seconds } from '../../model/quantities.ts';
import { cpuLimit, type ReadText, readText } from '../../services/cpus.ts';

/** Linux counts CPU time for programs in hundredths of a second on every platform (`USER_HZ`). */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds that processes and all their descendants have used since they started. A descendant that has ended
 * stays counted as soon as its parent has waited for it, so the figure never falls while `roots` live.
 */
export function cpuOf(roots: readonly number[]): Seconds {
  let ticks = 0;
  for (const { pid, parent } of treeOf(roots)) {
    const stat = statOf(pid);
    if (!stat) continue;
    ticks += stat.own;
    // An ended child is in its parent's count; children of `roots` are counted for themselves while they live.
    if (parent === undefined) ticks += stat.ended;
  }
  return ticks / TICKS_PER_SECOND;
}

/** Memory of processes and all their descendants in bytes, what they share counted once (proportional set size). */
export function memoryOf(roots: readonly number[]): Bytes {
  let kilobytes = 0;
  for (const { pid } of treeOf(roots)) {
    const pss = /^Pss:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
    kilobytes += Number(pss ?? 0);
  }
  return kilobytes * 1024;
}

/** Time of all CPUs that may be used: of the machine since it started, or of a container within its limit. */
export interface MachineTime {
  readonly busy: Seconds;
  readonly total: Seconds;
  /** Taken away by a hypervisor. */
  readonly steal: Seconds;
}

export function machineTime(machine = cpus().length, read: ReadText = readText): MachineTime {
  const { busy, total, steal } = timeIn(read('/proc/stat') ?? '');
  const limit = cpuLimit(read);
  const used = containerTime(read);
  if (limit === undefined || limit >= machine || used === undefined) return { busy, total, steal };
  const part = limit / machine;
  return { busy: used, total: total * part, steal: steal * part };
}

/** Time of all CPUs of a machine, from the text of its `/proc/stat`. */
export function timeIn(stat: string): MachineTime {
  const line = stat.split('\n')[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, softInterrupts = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(ticks => Number(ticks) / TICKS_PER_SECOND);
  const busy = user + nice + system + interrupts + softInterrupts;
  return { busy, total: busy + idle + waiting + steal, steal };
}

/** CPU seconds of this container: microseconds in a file of many lines (cgroup v2), nanoseconds in one of its own (v1). */
function containerTime(read: ReadText): Seconds | undefined {
  const microseconds = /^usage_usec (\d+)$/m.exec(read('/sys/fs/cgroup/cpu.stat') ?? '')?.[1];
  if (microseconds !== undefined) return Number(microseconds) / 1e6;
  const nanoseconds = read('/sys/fs/cgroup/cpuacct/cpuacct.usage');
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e9;
}

/** A process that was found among others. */
export interface Member {
  readonly pid: number;
  /** Absent for a root. */
  readonly parent?: number;
}

/** Processes and all their descendants. */
export function treeOf(roots: readonly number[]): Member[] {
  const members: Member[] = roots.map(pid => ({ pid }));
  // The list grows while it is walked: each member's children follow it.
  for (const member of members) {
    for (const pid of childrenOf(member.pid)) members.push({ pid, parent: member.pid });
  }
  return members;
}

/** A child belongs to the thread that started it, so every thread is asked. */
function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap(thread =>
    (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** Ticks that a process used itself, and that its ended children used; see proc_pid_stat(5), fields 14 to 17. */
function statOf(pid: number): { own: number; ended: number } | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field is the program's name in brackets and may itself hold blanks and brackets.
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: user + system, ended: endedUser + endedSystem };
}
