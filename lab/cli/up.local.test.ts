/** `up`, `status` and `down` in what stands for a checkout, with spaces and umlauts in its path, under a decimal comma. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { dashboardParts } from '../runtimes/local/dashboard.ts';
import { listStackProcesses, stackFolder, stackNames, stopAll } from '../runtimes/local/stack-folder.ts';
import { stopWhenInterrupted } from '../runtimes/local/testdata/interrupted-test.ts';
import type { CommandContext } from './context.ts';
import * as down from './down.ts';
import * as status from './status.ts';
import * as up from './up.ts';

const checkout = join(import.meta.dirname, '../..');
const { signal } = new AbortController();

let root: string;
let interrupted: ReturnType<typeof stopWhenInterrupted>;

before(async () => {
  // Whether the system knows the locale or not: what is started inherits the wish.
  process.env.LC_ALL = 'de_DE.UTF-8';
  root = await mkdtemp(join(tmpdir(), 'loadline up äöü '));
  interrupted = stopWhenInterrupted(removeAll);
  const { k6 } = await dashboardParts({ root: checkout, signal, say: () => undefined });
  await mkdir(join(root, '.loadline/bin'), { recursive: true });
  await symlink(k6, join(root, '.loadline/bin/k6'));
  for (const part of ['dashboard', 'services', 'loadtests', 'package-lock.json']) {
    await symlink(join(checkout, part), join(root, part));
  }
});

after(() => removeAll().finally(interrupted.stopped));

async function removeAll(): Promise<void> {
  for (const name of await stackNames(root)) await stopAll(await stackFolder(root, name), AbortSignal.abort());
  await rm(root, { recursive: true, force: true });
}

/** What a command printed for programs, and said to a person. */
async function run(...args: string[]): Promise<{ printed: string[]; said: string[] }> {
  const printed: string[] = [];
  const said: string[] = [];
  const context: CommandContext = {
    root,
    signal,
    say: line => void said.push(line),
    print: text => void printed.push(...text.split('\n')),
  };
  const program = new Command().exitOverride();
  for (const { register } of [up, down, status]) register(program, context);
  await program.parseAsync(args, { from: 'user' });
  return { printed, said };
}

test('`up` prints where each topology answers and then where the page is, `status` tells it too, and `down` ends all', async () => {
  const { printed, said } = await run('up', 'async', 'sync');
  const page = /^See it: (http:\/\/127\.0\.0\.1:\d+)$/.exec(printed.at(-1) ?? '')?.[1];
  assert.ok(page, printed.join('\n'));
  assert.deepEqual(
    printed.slice(0, -1).map(line => line.split(' ')[0]),
    ['sync', 'async'],
  );
  assert.match(said.at(-1) ?? '', /^Ready after \d+\.\d s\. Stop it with: \.\/loadline down$/);
  assert.equal(said.includes(`Port 8080 is taken: the page is on ${page}`), new URL(page).port !== '8080');
  assert.equal((await fetch(page)).status, 200);

  const told = JSON.parse((await run('status', '--json')).printed.join('\n'));
  assert.equal(told.page, page);
  assert.deepEqual(
    told.topologies.map(({ topology }: { topology: string }) => topology),
    ['sync', 'async'],
  );
  assert.equal((await run('status')).printed.at(-1), `page   ${page}`);

  assert.deepEqual((await run('down')).said, ['Everything is stopped.']);
  await assertNothingRuns();
  assert.deepEqual(JSON.parse((await run('status', '--json')).printed.join('\n')), { topologies: [] });
});

test('`up --no-dashboard` starts neither page nor k6', async () => {
  const { printed } = await run('up', 'async', '--no-dashboard');
  assert.deepEqual(
    printed.map(line => line.split(' ')[0]),
    ['async'],
  );
  const programs = listStackProcesses(await stackFolder(root, up.UP)).pm2.map(({ program }) => program);
  // PM2 and one process.
  assert.deepEqual(programs, ['node', 'node']);
  assert.equal(JSON.parse((await run('status', '--json')).printed.join('\n')).page, undefined);
  await run('down');
  await assertNothingRuns();
});

async function assertNothingRuns(): Promise<void> {
  assert.deepEqual(listStackProcesses(await stackFolder(root, up.UP)), { nginx: [], pm2: [], postgres: [] });
}
