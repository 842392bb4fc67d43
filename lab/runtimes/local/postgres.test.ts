import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { choosePostgresLauncher } from './postgres.ts';

const ROOT = 0;
const NOBODY = 65534;

test('a user who is not root starts Postgres directly', async () => {
  assert.deepEqual(await choosePostgresLauncher(undefined, 1000), { prefix: [] });
});

test('root starts Postgres in a namespace where there are any, and as nobody where they are forbidden', async () => {
  const inNamespace = await withUnshare('exec true', () => choosePostgresLauncher(undefined, ROOT));
  assert.deepEqual(inNamespace, { prefix: ['unshare', '--user', `--map-user=${NOBODY}`], owner: ROOT });
  const forbidden = await withUnshare('exit 1', () => choosePostgresLauncher(undefined, ROOT));
  assert.deepEqual(forbidden, { prefix: [], user: NOBODY, owner: NOBODY });
});

test('an interruption of the look for namespaces is not taken for their lack', async () => {
  await withUnshare('kill -INT $$', () =>
    assert.rejects(choosePostgresLauncher(undefined, ROOT), { code: 'postgres-failed' }),
  );
  const interruption = new AbortController();
  const reason = new Error('Ctrl-C');
  await withUnshare('touch "$0.started"; exec sleep 60', async unshare => {
    const choosing = choosePostgresLauncher(interruption.signal, ROOT);
    while (!existsSync(`${unshare}.started`)) await pause(5);
    interruption.abort(reason);
    await assert.rejects(choosing, error => error === reason);
  });
});

/** Puts a shell script in the place of `unshare`. */
async function withUnshare<T>(script: string, use: (unshare: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-unshare-'));
  const path = process.env.PATH;
  try {
    await writeFile(join(folder, 'unshare'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
    return await use(join(folder, 'unshare'));
  } finally {
    process.env.PATH = path;
    await rm(folder, { recursive: true, force: true });
  }
}
