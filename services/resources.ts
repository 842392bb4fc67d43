import { readFileSync } from 'node:fs';
import type { ProcessResources } from '../model/wire.ts';

/** The resources of this process. The kernel walks over its memory to tell them: not to be asked many times a second. */
export function processResources(): ProcessResources {
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, cpu: (user + system) / 1e6, memory: proportionalSetSize() ?? process.memoryUsage.rss() };
}

function proportionalSetSize(): number | undefined {
  try {
    return pssIn(readFileSync('/proc/self/smaps_rollup', 'utf8'));
  } catch {
    return undefined;
  }
}

/** The proportional set size in bytes, from the text of Linux's `smaps_rollup`. */
export function pssIn(rollup: string): number | undefined {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
