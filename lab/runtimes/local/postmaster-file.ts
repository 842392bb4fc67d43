import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the server writes about itself into `postmaster.pid` of its data folder; `undefined` when it has not yet. */
export async function readPostmasterFile(
  data: string,
): Promise<{ pid: number; port: number; ready: boolean } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid || !port) return undefined;
  return { pid, port, ready: lines[7]?.trim() === 'ready' };
}
