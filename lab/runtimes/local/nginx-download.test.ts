import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { downloadNginx } from './nginx-download.ts';

/** Stand-ins: apt without lists of packages until it has updated them, and an nginx that lacks a library. */
const programs = {
  'apt-get': `case "$*" in
*Dir::State*update) touch lists;;
*download*)
  [ -e lists ] || exit 100
  until [ "$1" = download ]; do shift; done; shift
  for package; do touch "$package.deb"; done;;
esac`,
  'dpkg-deb': `case $1 in
-f) echo 'libc6 (>= 2.34), libfirst1 (>= 1), zlib1g, iproute2, nginx-common';;
-x) mkdir -p usr/sbin; touch "has-$2.unpacked"; printf '#!/bin/sh\\necho "$LD_LIBRARY_PATH $*"\\n' >usr/sbin/nginx; chmod +x usr/sbin/nginx;;
esac`,
  ldd: 'echo "libfirst.so.1 => not found"',
};
const path = process.env.PATH;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-apt-'));
  mkdirSync(join(folder, 'bin'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  process.env.PATH = `${join(folder, 'bin')}:${path}`;
});

after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

test('nginx is downloaded with missing lists and libraries, and starts from a folder with a quote in its name', async () => {
  const to = join(folder, "it's here");
  await downloadNginx(to, new AbortController().signal);
  const packages = readdirSync(to).filter(name => name.endsWith('.unpacked'));
  assert.deepEqual(
    packages.sort(),
    ['libfirst1', 'nginx', 'zlib1g'].map(name => `has-${name}.deb.unpacked`),
  );
  const said = execFileSync(join(to, 'nginx'), ['-v', '-p', 'a b'], { encoding: 'utf8' });
  assert.match(said, /it's here\/usr\/lib\/\S+-linux-gnu.* -v -p a b\n$/);
  assert.deepEqual(readdirSync(folder).sort(), ['bin', "it's here"]);
});

test('an interruption leaves nothing', async () => {
  await assert.rejects(downloadNginx(join(folder, 'nginx'), AbortSignal.abort(new Error('Ctrl-C'))), /Ctrl-C/);
  assert.deepEqual(readdirSync(folder).sort(), ['bin', "it's here"]);
});
