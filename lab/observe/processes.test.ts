import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { cpuOf, machineTime, memoryOf } from './processes.ts';

const spin =
  'const end = process.cpuUsage().user + 200_000; while (process.cpuUsage().user < end); process.send("spun"); setInterval(() => {}, 1000)';

test('CPU time of a process includes its children, while they live and after they have ended', async () => {
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(spin)}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      c.on('message', () => process.send('spun'));
      process.on('message', () => { c.kill('SIGKILL'); c.on('exit', () => process.send('ended')); })`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );
  try {
    await once(parent, 'message');
    const alive = cpuOf([parent.pid ?? 0]);
    assert.ok(alive >= 0.2, `${alive} s while the child lives`);
    parent.send('end it');
    await once(parent, 'message');
    const ended = cpuOf([parent.pid ?? 0]);
    assert.ok(ended >= alive, `${ended} s after the child has ended, ${alive} s before`);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a process that has gone has used nothing and holds nothing', () => {
  const gone = 2 ** 22 + 1;
  assert.equal(cpuOf([gone]), 0);
  assert.equal(memoryOf([gone]), 0);
});

test('memory of this process is between 10 MB and 2 GB', () => {
  const bytes = memoryOf([process.pid]);
  assert.ok(bytes > 10e6 && bytes < 2e9, `${bytes} bytes`);
});

test('the machine has been busy for a part of its time', () => {
  const { busy, total, steal } = machineTime();
  assert.ok(busy > 0 && busy + steal < total, `${busy} s busy and ${steal} s stolen of ${total} s`);
});

const stat = 'cpu  3000 0 1000 36000 0 0 0 0\n';

test('within the limit of a container, what it used counts against what it may use', () => {
  const v2: Record<string, string> = {
    '/proc/stat': stat,
    '/sys/fs/cgroup/cpu.max': '150000 100000\n',
    '/sys/fs/cgroup/cpu.stat': 'usage_usec 12000000\nuser_usec 9000000\n',
  };
  assert.deepEqual(
    machineTime(4, path => v2[path]),
    { busy: 12, total: 150, steal: 0 },
  );
  const v1: Record<string, string> = {
    '/proc/stat': stat,
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/cpuacct/cpuacct.usage': '12000000000\n',
  };
  assert.deepEqual(
    machineTime(4, path => v1[path]),
    { busy: 12, total: 100, steal: 0 },
  );
});

test('without a limit the time is the machine’s', () => {
  const files: Record<string, string> = { '/proc/stat': stat, '/sys/fs/cgroup/cpu.max': 'max 100000\n' };
  assert.deepEqual(
    machineTime(4, path => files[path]),
    { busy: 40, total: 400, steal: 0 },
  );
});
