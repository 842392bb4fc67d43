import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { deploymentName } from '../../model/deployment.ts';
import { parseExperiment } from './parse.ts';
import { experimentFile, experimentJsonSchema } from './schema.ts';
import { shippedNames } from './shipped-workloads.ts';

const experiments = join(import.meta.dirname, '../../experiments');
const schemaFile = join(experiments, 'experiment.schema.json');
// `npm run update`
if (process.argv.includes('--update'))
  writeFileSync(schemaFile, `${JSON.stringify(experimentJsonSchema(), null, 2)}\n`);

const validate = new Ajv2020({ allErrors: true }).compile(experimentJsonSchema());

test('editors are told the schema that files are parsed by', () => {
  assert.deepEqual(
    JSON.parse(readFileSync(schemaFile, 'utf8')),
    experimentJsonSchema(),
    'write it again: npm run update',
  );
});

for (const file of globSync('*.yaml', { cwd: experiments }).sort()) {
  const yaml = readFileSync(join(experiments, file), 'utf8');

  test(`${file} is what it says to editors, to the schema and to the parser`, () => {
    assert.match(yaml, /^# yaml-language-server: \$schema=\.\/experiment\.schema\.json\n/);
    assert.ok(validate(parse(yaml)), JSON.stringify(validate.errors));
    assert.equal(parseExperiment(yaml, { file, cpus: 2 }).name, file.replace('.yaml', ''));
  });
}

test('the schema refuses what the parser refuses for its shape', () => {
  for (const wrong of [
    {},
    { name: 'x', budget: '10 minutes' },
    { name: 'x', budget: 60, sead: 1 },
    { name: 'x', budget: 60, deployments: ['thread'] },
    { name: 'x', budget: 60, loads: [{ users: 5, burst: 5 }] },
    { name: 'x', budget: 60, claims: ['C13'] },
  ]) {
    assert.equal(validate(wrong), false, JSON.stringify(wrong));
  }
});

test('every key has a description', () => {
  const bare: string[] = [];
  const look = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries<Record<string, unknown>>(value)) {
          if (typeof property.description !== 'string') bare.push(`${path}.${name}`);
        }
      }
      look(value, key === 'properties' ? path : `${path}.${key}`);
    }
  };
  look(experimentJsonSchema(), '');
  assert.deepEqual(bare, []);
});

test('the page on writing experiments has every key and every workload that ships', () => {
  const page = readFileSync(join(experiments, '../docs/experiments.md'), 'utf8');
  const missing = [...Object.keys(experimentFile.shape), ...shippedNames].filter(
    word => !page.includes(`\`${word}\``) && !page.includes(`\`${word}.`),
  );
  assert.deepEqual(missing, []);
});

test('what the page shows of a file is a file', () => {
  const page = readFileSync(join(experiments, '../docs/experiments.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
  const part = (key: string) => blocks.find(yaml => yaml.startsWith(key)) ?? assert.fail(key);
  const mix = blocks.find(yaml => yaml.includes('mix:')) ?? assert.fail('mix');
  const ranges = blocks.find(yaml => yaml.includes('name: loops')) ?? assert.fail('loops');
  parseExperiment(part('name: first'), { file: 'docs', cpus: 2 });
  parseExperiment(part('name: contest'), { file: 'docs', cpus: 2 });
  const limited = blocks.find(yaml => yaml.includes('containers:')) ?? assert.fail('containers');
  const { cells } = parseExperiment(`name: x\nbudget: 1m\nworkloads: [wait]\n${limited}`, { file: 'docs', cpus: 2 });
  for (const { deployment } of cells) assert.ok(limited.includes(deploymentName(deployment)), limited);
  parseExperiment(`name: x\nbudget: 1m\n${part('capacity:')}${ranges}${part('workloads:')}${mix}`, {
    file: 'docs',
    cpus: 2,
  });
});
