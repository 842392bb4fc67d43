import type { Seconds } from '../../model/quantities.ts';
import { type ReadText, readText } from '../../services/cpus.ts';

/**
 * Seconds for which a control group was kept from running because it had used up its limit, since it was made, from
 * the text of its `cpu.stat`; `null` where that tells nothing of it, as for a group that has no limit of its own.
 */
export function throttledIn(stat: string | undefined): Seconds | null {
  // Microseconds under version 2, nanoseconds under version 1.
  const [, unit, time] = /^throttled_(usec|time) (\d+)$/m.exec(stat ?? '') ?? [];
  return time === undefined ? null : Number(time) / (unit === 'usec' ? 1e6 : 1e9);
}

/** The same of the control group that this process lives in. */
export function throttledHere(read: ReadText = readText): Seconds | null {
  return throttledIn(read('/sys/fs/cgroup/cpu.stat')) ?? throttledIn(read('/sys/fs/cgroup/cpu/cpu.stat'));
}
