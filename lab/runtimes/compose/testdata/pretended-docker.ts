import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitLines } from '../docker.ts';

/** What it was asked so far: the arguments of each call. */
export type Calls = () => Promise<string[]>;

/** Puts a shell script in the place of `docker` while it is used; the script works in a folder of its own. */
export async function withPretendedDocker(script: string, use: (calls: Calls) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-docker-'));
  const path = process.env.PATH;
  try {
    const program = `#!/bin/sh\ncd '${folder}'\nprintf '%s\\n' "$*" >>calls\n${script}\n`;
    await writeFile(join(folder, 'docker'), program, { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
    await use(async () => splitLines(await readFile(join(folder, 'calls'), 'utf8')));
  } finally {
    process.env.PATH = path;
    await rm(folder, { recursive: true, force: true });
  }
}
