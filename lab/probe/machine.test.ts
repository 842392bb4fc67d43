import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { test } from 'node:test';
import { cpuBetween, hostCpus, hostTime, machineTime } from './machine.ts';

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

test('inside a container the time and the CPUs of the host are those of the machine', () => {
  assert.equal(hostCpus(), cpus().length);
  const files: Record<string, string> = { '/proc/stat': stat, '/sys/fs/cgroup/cpu.max': '100000 100000\n' };
  assert.deepEqual(
    hostTime(path => files[path]),
    { busy: 40, total: 400, steal: 0 },
  );
});

test('between two snapshots the busy and the stolen part of all CPU time are told', () => {
  const before = { busy: 10, total: 40, steal: 1 };
  assert.deepEqual(cpuBetween(before, { busy: 15, total: 60, steal: 2 }), { busy: 0.25, steal: 0.05 });
  assert.deepEqual(cpuBetween(before, before), { busy: 0, steal: 0 }, 'no time has gone by');
});
