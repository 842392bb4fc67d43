import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findK6, k6Version } from './k6.ts';

const checkout = join(import.meta.dirname, '..', '..', '..');
const signal = new AbortController().signal;

test('the pinned version is read from the Go module', async () => {
  assert.match(await k6Version(checkout), /^\d+\.\d+\.\d+$/);
});

test('a k6 of another version is passed over for the one that was built', async () => {
  await using root = await temporaryCheckout('v2.2.0');
  await root.write('path/k6', '#!/bin/sh\necho "k6 v2.1.0 (go1.26, linux/amd64)"\n');
  await root.write('.loadline/bin/k6', '#!/bin/sh\necho "k6 v2.2.0 (go1.26, linux/amd64)"\n');
  assert.equal(await findWithPath(root.path), join(root.path, '.loadline/bin/k6'));
});

test('a k6 of the pinned version on PATH is taken first', async () => {
  await using root = await temporaryCheckout('v2.2.0');
  for (const path of ['path/k6', '.loadline/bin/k6']) await root.write(path, '#!/bin/sh\necho "k6 v2.2.0"\n');
  assert.equal(await findWithPath(root.path), join(root.path, 'path/k6'));
});

test('a k6 that Go has built, and that tells its version under its own name, is kept', async () => {
  await using root = await temporaryCheckout('v2.2.0');
  const built = '#!/bin/sh\\necho "$(basename "$0") v2.2.0 (go1.26, linux/amd64)"\\n';
  await root.write(
    'path/go',
    `#!/bin/sh\n[ "$1" = version ] && exit\nwhile [ "$1" != -o ]; do shift; done\nprintf '${built}' >"$2"\nchmod +x "$2"\n`,
  );
  assert.equal(await findWithPath(root.path), join(root.path, '.loadline/bin/k6'));
  assert.deepEqual(await readdir(join(root.path, '.loadline/bin')), ['k6']);
});

test('a k6 that cannot be built is named with what to install', async () => {
  await using root = await temporaryCheckout('v2.2.999');
  await root.write('path/go', '#!/bin/sh\n[ "$1" = version ] || { echo "no such module" >&2; exit 1; }\n');
  await assert.rejects(findWithPath(root.path), {
    code: 'k6-missing',
    message: /install k6 2\.2\.999 [\s\S]*no such module/,
  });
});

async function findWithPath(root: string): Promise<string> {
  const before = process.env.PATH;
  process.env.PATH = `${join(root, 'path')}:/usr/bin:/bin`;
  try {
    return await findK6({ root, signal, say: () => {} });
  } finally {
    process.env.PATH = before;
  }
}

async function temporaryCheckout(version: string) {
  const path = await mkdtemp(join(tmpdir(), 'loadline-'));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text, { mode: 0o755 });
  };
  await write('loadtests/k6/go.mod', `module loadline/k6\n\nrequire (\n\tgo.k6.io/k6/v2 ${version} // indirect\n)\n`);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
