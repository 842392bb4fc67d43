import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { tryLock } from './lock.ts';

for (const place of ['kernel', 'files'] as const) {
  const options = { skip: place === 'kernel' && process.platform !== 'linux' && 'only Linux has such names' };

  test(`a lock in ${place} has one holder at a time`, options, async () => {
    const name = randomUUID();
    await using first = await tryLock(name, place);
    assert.ok(first);
    assert.equal(await tryLock(name, place), undefined);
    await using other = await tryLock(randomUUID(), place);
    assert.ok(other);
    await first.release();
    await using second = await tryLock(name, place);
    assert.ok(second);
  });

  test(`a lock in ${place} is free when its holder was killed`, options, async () => {
    const name = randomUUID();
    const program = `
      import { tryLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
      process.stdout.write(await tryLock('${name}', '${place}') ? 'held' : 'not held');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(holder.stdout, 'data');
    assert.equal(String(said), 'held');
    assert.equal(await tryLock(name, place), undefined);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await using lock = await tryLock(name, place);
    assert.ok(lock);
  });
}
