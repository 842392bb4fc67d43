import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { composeFileWith, environmentFileWith } from './generated.ts';
import { readTopologies, topologyJsonSchema } from './topology-file.ts';

const root = join(import.meta.dirname, '..');
const topologies = readTopologies(import.meta.dirname);

/** `npm run update` writes them again. */
const generated: Readonly<Record<string, (text: string) => string>> = {
  'topologies/topology.schema.json': () => `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`,
  'model/shipped-topologies.json': () => `${JSON.stringify(topologies, null, 2)}\n`,
  'docker-compose.yml': text => composeFileWith(topologies, text),
  '.env': text => environmentFileWith(topologies, text),
};

for (const [name, generate] of Object.entries(generated)) {
  test(`${name} has the topologies of the files in topologies/`, () => {
    const path = join(root, name);
    if (process.argv.includes('--update')) writeFileSync(path, generate(textAt(path)));
    // Formatted as the rest of the code; what it says counts.
    const said = (text: string) => (name.endsWith('.json') ? JSON.parse(text) : text);
    assert.deepEqual(said(textAt(path)), said(generate(textAt(path))), 'run: npm run update');
  });
}

test('the docs start a second stack with a port of its own for everything that is published', () => {
  const published = textAt(join(root, '.env')).match(/^PORT_\w+/gm);
  const command = /PORT_PAGE=[^`]* docker compose -p second up/.exec(textAt(join(root, 'docs/containers.md')));
  assert.deepEqual(command?.[0].match(/PORT_\w+/g), published);
});

for (const { name, app } of topologies) {
  test(`the app of ${name} is a file of services/apps/`, async () => {
    const { createApp, openDatabase } = await import(join(root, 'services/apps', `${app}.ts`));
    assert.deepEqual([typeof createApp, typeof openDatabase], ['function', 'function']);
  });
}

test('a port that two files have is refused, with both files and one that is free', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-topologies-'));
  try {
    for (const copy of ['hybrid', 'own'])
      cpSync(join(import.meta.dirname, 'hybrid.yaml'), join(folder, `${copy}.yaml`));
    assert.throws(() => readTopologies(folder), /^Error: hybrid\.yaml and own\.yaml .* 8085: 8086 /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '{}';
  }
}
