import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Versions = Readonly<Record<string, string>>;
const packagesOf = (path: string): Versions =>
  (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { dependencies: Versions }).dependencies;

test('what runs in containers and what runs beside them is of the same version', () => {
  const lab = packagesOf('../package.json');
  const shared = Object.entries(packagesOf('package.json')).filter(([name]) => name in lab);
  assert.deepEqual(
    shared.map(([name]) => name),
    ['pg', 'pm2'],
  );
  for (const [name, version] of shared) assert.equal(version, lab[name], name);
});
