import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MemoryKills } from '../model/wire.ts';
import { readMemoryKills, takeUntoldKills } from './memory-kills.ts';

const v1 = '/sys/fs/cgroup/memory/memory';
const v2 = '/sys/fs/cgroup/memory';
const oomControl = 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n';
const cases: [what: string, files: Record<string, string>, kills: MemoryKills | undefined][] = [
  [
    'of cgroup 1',
    { [`${v1}.limit_in_bytes`]: '268435456\n', [`${v1}.oom_control`]: oomControl },
    { count: 3, limit: 268_435_456 },
  ],
  [
    'of cgroup 2',
    { [`${v2}.max`]: '268435456\n', [`${v2}.events`]: 'high 0\nmax 9\noom 4\noom_kill 2\noom_group_kill 0\n' },
    { count: 2, limit: 268_435_456 },
  ],
  [
    'of cgroup 1 without a limit',
    { [`${v1}.limit_in_bytes`]: '9223372036854771712\n', [`${v1}.oom_control`]: oomControl },
    undefined,
  ],
  ['of cgroup 2 without a limit', { [`${v2}.max`]: 'max\n', [`${v2}.events`]: 'oom_kill 2\n' }, undefined],
  [
    'of a kernel that does not count',
    { [`${v1}.limit_in_bytes`]: '268435456\n', [`${v1}.oom_control`]: 'under_oom 0\n' },
    undefined,
  ],
  ['of a machine without cgroups', {}, undefined],
];
for (const [what, files, kills] of cases) {
  test(`the kills for memory are read from the files ${what}`, () => {
    assert.deepEqual(
      readMemoryKills(path => files[path]),
      kills,
    );
  });
}

test('each kill is told once, by whichever process starts first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-kills-'));
  const told = (count: number) => takeUntoldKills({ count, limit: 1e9 }, join(folder, 'told'));
  assert.deepEqual([0, 1, 1, 4, 4].map(told), [0, 1, 0, 3, 0]);
  rmSync(folder, { recursive: true });
});
