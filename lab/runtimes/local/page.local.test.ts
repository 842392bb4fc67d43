/** The page is built by Vite where it has to be, and not otherwise. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadlineError } from '../../../model/errors.ts';
import { buildPage } from './page.ts';

const checkout = join(import.meta.dirname, '../../..');

/** Stands for a checkout. */
let root: string;
let said: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'loadline-page-'));
  said = [];
  await mkdir(join(root, 'dashboard/page/stage'), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'dashboard/protocol.ts'), 'export const said = 1;\n');
  await writeFile(join(root, 'dashboard/page/index.html'), '<script type="module" src="/main.ts"></script>\n');
  await writeFile(join(root, 'dashboard/page/main.ts'), 'import "./stage/dots.ts";\n');
  await writeFile(join(root, 'dashboard/page/stage/dots.ts'), 'document.title = "first";\n');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function build(signal = new AbortController().signal): Promise<void> {
  return buildPage({ root, signal, say: line => void said.push(line) });
}

/** The script of the page that was built. */
async function script(): Promise<string> {
  const folder = join(root, 'dashboard/page/dist/assets');
  const [file] = readdirSync(folder).filter(name => name.endsWith('.js'));
  return readFile(join(folder, file ?? ''), 'utf8');
}

/** As if it had been changed in a minute. */
async function change(path: string, text: string): Promise<void> {
  await writeFile(join(root, path), text);
  const later = new Date(Date.now() + 60_000);
  await utimes(join(root, path), later, later);
}

test('a page that is missing is built, which is said in one line; one that is there is left alone', async () => {
  await build();
  assert.match(await script(), /first/);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^building the page/);
  await build();
  assert.equal(said.length, 1);
  assert.deepEqual(readdirSync(join(root, '.loadline')), []);
});

test('a page is built again when a source of it, or a word of its protocol, has changed', async () => {
  await build();
  await change('dashboard/page/stage/dots.ts', 'document.title = "second";\n');
  await build();
  assert.match(await script(), /second/);
  await change('dashboard/protocol.ts', 'export const said = 2;\n');
  await build();
  assert.equal(said.length, 3);
});

test('of two commands at the same moment one builds the page, and the other waits for it', async () => {
  await Promise.all([build(), build()]);
  assert.equal(said.length, 1);
  assert.match(await script(), /first/);
});

test('a page that cannot be built is an error that says why, and the one that is there stays', async () => {
  await build();
  await change('dashboard/page/stage/dots.ts', 'import "./nowhere.ts";\n');
  await assert.rejects(build(), (error: unknown) => {
    assert.ok(error instanceof LoadlineError);
    assert.equal(error.code, 'page-failed');
    assert.match(error.message, /--no-dashboard/);
    assert.match(error.message, /nowhere\.ts/);
    return true;
  });
  assert.match(await script(), /first/);
  assert.deepEqual(readdirSync(join(root, '.loadline')), []);
});

test('a build that is interrupted throws the reason and leaves nothing', async () => {
  const reason = new LoadlineError('interrupted', 'Ctrl-C');
  const interruption = new AbortController();
  const building = buildPage({ root, signal: interruption.signal, say: () => interruption.abort(reason) });
  await assert.rejects(building, reason);
  assert.ok(!existsSync(join(root, '.loadline')) || readdirSync(join(root, '.loadline')).length === 0);
});
