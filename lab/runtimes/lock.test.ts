import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type LockPlace, tryLock } from './lock.ts';

for (const place of ['kernel', 'files'] as const) {
  const options = { skip: place === 'kernel' && process.platform !== 'linux' && 'only Linux has such names' };

  test(`a lock in ${place} has one holder at a time`, options, async t => {
    const name = randomUUID();
    await using first = await tryLock(name, place);
    assert.ok(first);
    assert.equal(await tryLock(name, place), undefined);
    assert.equal(await firstWords(spawnHolder(t, name, place)), 'not held', 'also with another TMPDIR');
    await using other = await tryLock(randomUUID(), place);
    assert.ok(other);
    await first.release();
    await using second = await tryLock(name, place);
    assert.ok(second);
  });

  test(`of many that take a lock in ${place} whose holder was killed, one has it`, options, async t => {
    const name = randomUUID();
    const holder = spawnHolder(t, name, place);
    assert.equal(await firstWords(holder), 'held');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const said = await Promise.all(Array.from({ length: 3 }, () => firstWords(spawnHolder(t, name, place))));
    assert.deepEqual(said.sort(), ['held', 'not held', 'not held']);
  });
}

/** A process that tries to take a lock, says whether it has, and stays for the rest of the test. */
function spawnHolder(t: TestContext, name: string, place: LockPlace) {
  const program = `
    import { tryLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    process.stdout.write(await tryLock('${name}', '${place}') ? 'held' : 'not held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: '/nowhere' },
  });
  t.after(() => holder.kill('SIGKILL'));
  return holder;
}

async function firstWords({ stdout }: ReturnType<typeof spawnHolder>): Promise<string> {
  const [said] = await once(stdout, 'data');
  return String(said);
}
