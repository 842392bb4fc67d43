import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Versions = Readonly<Record<string, string>>;
const packagesOf = (path: string): Versions =>
  (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { dependencies?: Versions }).dependencies ?? {};

test('what runs in containers and what runs beside them is of the same version', () => {
  const lab = packagesOf('../package.json');
  const sharedWith = (workspace: string) =>
    Object.entries(packagesOf(`../${workspace}/package.json`)).filter(([name]) => name in lab);
  const shared = ['services', 'nginx', 'dashboard'].flatMap(sharedWith);
  assert.deepEqual(
    shared.map(([name]) => name),
    ['pg', 'pm2', 'jstat', 'pg', 'zod'],
  );
  for (const [name, version] of shared) assert.equal(version, lab[name], name);
});
