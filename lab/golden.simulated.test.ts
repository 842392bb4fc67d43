/**
 * What must stay as it is while the code around it is rebuilt: results of seeded comparisons, plans, exercises and the
 * files that are rendered. `npm run update:golden` writes them again; explain each changed number in its commit.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const golden = join(import.meta.dirname, 'testdata/golden');
const isUpdate = process.argv.includes('--update');
/** Largest relative difference of a number. */
const TOLERANCE = 1e-6;
/** Words, which may change: the rest of a result may not. */
const WORDS = new Set(['sentence', 'message', 'claim', 'label', 'title', 'reason', 'steps', 'models', 'warnings']);
/** What a run was given, not what it found. */
const GIVEN = new Set(['environment', 'restsOn', 'spec']);

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-golden-'));
  mkdirSync(join(folder, 'measured'));
  // A run that the first release of schema 2 recorded; a plan keeps its score beside the trials.
  copyFileSync(join(root, 'lab/run/testdata/schema-2.jsonl'), join(folder, 'measured/trials.jsonl'));
});
after(() => rmSync(folder, { recursive: true }));

const comparisons: [experiment: string, cpus: number, ...others: string[]][] = [
  ['quick', 2],
  ['full', 2],
  ['article', 2],
  // In its own 24 h of simulated time it would take half an hour.
  ['large', 64, '--budget', '5m'],
];
for (const [experiment, cpus, ...others] of comparisons) {
  test(`compare ${experiment} on ${cpus} simulated CPUs gives the same results`, async () => {
    const simulated = ['--runtime', 'simulated', '--cpus', `${cpus}`, '--seed', '7', '--json', ...others];
    requireSame(experiment, await loadline('compare', experiment, ...simulated, '--runs', join(folder, 'runs')));
  });
}

test('plan on a measured run gives the same answer', async () => {
  requireSame('plan', await loadline('plan', join(folder, 'measured'), '--arrival-rate', '1200', '--json'));
});

test('plan --score on a measured run gives the same errors', async () => {
  requireSame('score', await loadline('plan', join(folder, 'measured'), '--score', '--json'));
});

test('all twelve exercises have the same answers', async () => {
  const numbers = Array.from({ length: 12 }, (_, index) => `${index + 1}`);
  const explained: unknown[] = [];
  for (const number of numbers) explained.push(JSON.parse(await loadline('exercise', number, '--explain', '--json')));
  requireSame('exercises', JSON.stringify(explained));
});

test('report --format csv gives the same table', async () => {
  const csv = await loadline('report', join(folder, 'measured'), '--format', 'csv');
  requireSame('report', JSON.stringify(csv.split('\n').map(line => line.split(',').map(asNumber))));
});

test('the six topologies are given the same nginx.conf', async () => {
  const env = {
    LOADLINE_TOPOLOGIES: 'sync,threads,sync-threads,async,hybrid,async-express',
    LOADLINE_PUBLISHED: 'sync=8081 threads=8082 sync-threads=8083 async=8084 hybrid=8085 async-express=8086',
    LOADLINE_DASHBOARD: 'dashboard:3000',
    LOADLINE_REQUEST_LOG: '/var/log/loadline/live.log',
    LOADLINE_WORKERS_CPUS: '2',
    LOADLINE_WORKERS_MEMORY: '2g',
    LOADLINE_NGINX_CPUS: '2',
    LOADLINE_OPEN_FILES: '20000',
    LOADLINE_DATABASE_MAX_CONNECTIONS: '1000',
  };
  await promisify(execFile)(process.execPath, ['nginx/stack.ts', folder], { cwd: root, env });
  requireSameText('nginx.conf', readFileSync(join(folder, 'nginx.conf'), 'utf8'));
});

const noCompose = composeProblem();
test('docker compose config gives the same stack', { skip: process.env.CI ? false : noCompose }, () => {
  const { PATH, HOME } = process.env;
  const words = ['compose', '--project-directory', root, '--profile', '*', 'config'];
  const config = execFileSync('docker', words, { cwd: root, env: { PATH, HOME }, encoding: 'utf8' });
  requireSameText('compose.yaml', config.replaceAll(root, '.'));
});

function composeProblem(): string | false {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'docker compose is not installed';
  }
}

/** What a command prints. */
async function loadline(...words: string[]): Promise<string> {
  const program = join(root, 'lab/cli/main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...words], { maxBuffer: 2 ** 26 });
  return stdout.trim();
}

function requireSame(name: string, json: string): void {
  const found = keepFacts(JSON.parse(json));
  const path = join(golden, `${name}.json`);
  if (isUpdate) writeFileSync(path, `${layOut(JSON.parse(JSON.stringify(found, rounded)))}\n`);
  const differences = [...listDifferences('', JSON.parse(readFileSync(path, 'utf8')), found)];
  const shown = differences.slice(0, 20).join('\n');
  assert.equal(differences.length, 0, `${differences.length} differences in ${name}:\n${shown}`);
}

function requireSameText(name: string, text: string): void {
  const path = join(golden, name);
  if (isUpdate) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

/** A result without words and without what it was given. */
function keepFacts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keepFacts);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !WORDS.has(key) && !GIVEN.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, keepFacts(inner)]));
}

/** JSON with everything on one line that fits there, or holds no objects. */
function layOut(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (!isObject(value) || line.length + indent.length <= 120 || !Object.values(value).some(isObject)) return line;
  const inner = `${indent} `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Object.entries(value).map(
    ([key, part]) => `${inner}${Array.isArray(value) ? '' : `${JSON.stringify(key)}: `}${layOut(part, inner)}`,
  );
  return [open, parts.join(',\n'), `${indent}${close}`].join('\n');
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : value;
}

function asNumber(text: string): unknown {
  return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** Where two results differ. */
function* listDifferences(path: string, was: unknown, is: unknown): Generator<string> {
  if (typeof was === 'number' && typeof is === 'number') {
    if (Math.abs(was - is) > TOLERANCE * Math.abs(was)) yield `${path}: was ${was}, is ${is}`;
  } else if (isObject(was) && isObject(is)) {
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)]))
      yield* listDifferences(`${path}/${key}`, was[key], is[key]);
  } else if (was !== is) yield `${path}: was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
