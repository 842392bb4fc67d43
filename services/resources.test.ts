import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processResources, pssIn } from './resources.ts';

test("the proportional set size is the kernel's own, in bytes", () => {
  const rollup =
    '55e0-7ffd ---p 00000000 00:00 0    [rollup]\nRss:   99164 kB\nPss:   41236 kB\nPss_Dirty:  40052 kB\n';
  assert.equal(pssIn(rollup), 41_236 * 1024);
  assert.equal(pssIn('Rss:   99164 kB\n'), undefined);
});

test('a process tells the CPU seconds that it has used', () => {
  const own = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const before = own();
  const { pid, cpu } = processResources();
  const after = own();
  assert.equal(pid, process.pid);
  assert.ok(cpu > 0 && before <= cpu && cpu <= after, `${before}, ${cpu}, ${after} s`);
});

test('the memory of a process grows by what it keeps', () => {
  const before = processResources().memory;
  const kept = Buffer.alloc(256e6, 1);
  const grown = processResources().memory - before;
  // Other tests of this process leave garbage, which may be collected meanwhile.
  assert.ok(Math.abs(grown - kept.length) < 0.25 * kept.length, `${grown} bytes`);
});
