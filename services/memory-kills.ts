import { writeFileSync } from 'node:fs';
import type { MemoryKills } from '../model/wire.ts';
import { type ReadText, readText } from './cpus.ts';

/** What cgroup 1 writes where there is no limit is above this many bytes. */
const NO_LIMIT = 2 ** 60;

/** The kills in this container; `undefined` where it has no memory limit, or the kernel does not count them. */
export function readMemoryKills(read: ReadText = readText): MemoryKills | undefined {
  const folder = '/sys/fs/cgroup';
  const limit = Number(read(`${folder}/memory.max`) ?? read(`${folder}/memory/memory.limit_in_bytes`));
  const events = read(`${folder}/memory.events`) ?? read(`${folder}/memory/memory.oom_control`);
  const count = /^oom_kill (\d+)$/m.exec(events ?? '')?.[1];
  return limit < NO_LIMIT && count !== undefined ? { count: Number(count), limit } : undefined;
}

/** How many of the kills no process of the container has told yet; `file` keeps how many were told. */
export function takeUntoldKills({ count }: MemoryKills, file: string, read: ReadText = readText): number {
  const untold = count - Number(read(file) ?? 0);
  if (untold <= 0) return 0;
  try {
    writeFileSync(file, String(count));
  } catch {
    // Rather told twice than not at all.
  }
  return untold;
}
