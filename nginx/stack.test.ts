import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listEndpoints, type StackPlan } from '../model/stack-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'stack-'));
after(() => rmSync(folder, { recursive: true }));

const password = join(folder, 'password');
const usual = {
  LOADLINE_TOPOLOGIES: 'sync,hybrid',
  LOADLINE_PROCESSES: '2',
  LOADLINE_OPEN_FILES: '20000',
  LOADLINE_WORKERS_MEMORY: '2g',
  LOADLINE_DATABASE_MAX_CONNECTIONS: '1000',
  PGPASSWORD_FILE: password,
};

function prepare(changed: Readonly<Record<string, string>> = {}) {
  const program = fileURLToPath(new URL('stack.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program, folder], {
    env: { PATH: process.env.PATH, ...usual, ...changed },
    encoding: 'utf8',
  });
  return { status, stderr };
}

const refused: [what: string, changed: Record<string, string>, said: RegExp][] = [
  [
    'more memory than there is',
    { LOADLINE_PROCESSES: '16', LOADLINE_WORKERS_MEMORY: '256m' },
    /256 MiB: sync 1038 MiB, hybrid 1312 MiB/,
  ],
  ['more connections than there are', { LOADLINE_DATABASE_MAX_CONNECTIONS: '30' }, /42 database connections/],
  ['an amount that is none', { LOADLINE_WORKERS_MEMORY: 'much' }, /^LOADLINE_WORKERS_MEMORY is "much"/],
  [
    'a variable of an earlier version',
    { LOADLINE_OUTDATED: 'DATABASE_PASSWORD_FILE' },
    /^DATABASE_PASSWORD_FILE is of an earlier version: unset it/,
  ],
];
for (const [what, changed, said] of refused) {
  test(`${what} is refused, and nothing is written`, () => {
    const { status, stderr } = prepare(changed);
    assert.equal(status, 2);
    assert.match(stderr, said);
    assert.ok(!existsSync(password) && !existsSync(join(folder, 'nginx.conf')));
  });
}

test('the password is made once, and every container can read it', () => {
  assert.deepEqual(prepare(), { status: 0, stderr: '' });
  const made = readFileSync(password, 'utf8');
  assert.match(made, /^[0-9a-f]{48}$/);
  assert.equal(statSync(password).mode & 0o777, 0o644);
  assert.deepEqual(prepare(), { status: 0, stderr: '' });
  assert.equal(readFileSync(password, 'utf8'), made);
  const written = (name: string) => readFileSync(join(folder, name), 'utf8');
  const { deployments } = JSON.parse(written('stack.json')) as StackPlan;
  assert.deepEqual(
    deployments.map(({ id }) => id),
    ['sync-2x1-2', 'hybrid-2x1-40'],
  );
  for (const endpoint of deployments.flatMap(listEndpoints))
    assert.ok(written('nginx.conf').includes(`server ${endpoint} `));
  assert.ok(!written('stack.json').includes(made), 'the plan holds no secret');
});
