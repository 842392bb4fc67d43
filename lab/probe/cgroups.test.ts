import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cgroupOf, readCgroup, throttledHere } from './cgroups.ts';

const ID = '17ff6eca7058036bc2ab0ff27fa97cd1df789e564ebae4cec780b5bf4fb2f072';
const text = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name), 'utf8');

/** A machine whose files are these and no others. */
const machine = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

test('a control group of version 1 is found by the container’s first process, and read', () => {
  const read = machine({
    '/proc/8512/cgroup': text('proc-cgroup-v1.txt'),
    [`/sys/fs/cgroup/cpuacct/docker/${ID}/cpuacct.usage`]: '62103524\n',
    [`/sys/fs/cgroup/cpu/docker/${ID}/cpu.stat`]: 'nr_periods 10\nnr_throttled 2\nthrottled_time 150000000\n',
    [`/sys/fs/cgroup/memory/docker/${ID}/memory.usage_in_bytes`]: '51990528\n',
    [`/sys/fs/cgroup/memory/docker/${ID}/memory.stat`]: text('memory-stat-v1.txt'),
  });
  const cgroup = cgroupOf(ID, 8512, read);
  assert.equal(cgroup?.version, 1);
  assert.deepEqual(readCgroup(cgroup, read), { cpu: 0.062103524, memory: 51_990_528 - 73_728, throttled: 0.15 });
});

test('a control group of version 2 is found by the container’s first process, and read', () => {
  const folder = `/sys/fs/cgroup/system.slice/docker-${ID}.scope`;
  const read = machine({
    '/proc/8512/cgroup': text('proc-cgroup-v2.txt'),
    [`${folder}/cpu.stat`]: text('cpu-stat-v2.txt'),
    [`${folder}/memory.current`]: '52006912\n',
    [`${folder}/memory.stat`]: text('memory-stat-v2.txt'),
  });
  const cgroup = cgroupOf(ID, 8512, read);
  assert.equal(cgroup?.version, 2);
  assert.deepEqual(readCgroup(cgroup, read), { cpu: 62.103524, memory: 52_006_912 - 2_084_864, throttled: 0 });
});

test('a process that is not the container’s is not taken for it, nor one that is not there', () => {
  const other = machine({ '/proc/8512/cgroup': '8:memory:/user.slice\n0::/user.slice/session-2.scope\n' });
  assert.equal(cgroupOf(ID, 8512, other), undefined);
  assert.equal(cgroupOf(ID, 8512, machine({})), undefined);
});

test('of a control group that has gone nothing is read', () => {
  assert.equal(readCgroup({ version: 1, cpu: '/gone', memory: '/gone' }, machine({})), undefined);
  assert.equal(readCgroup({ version: 2, folder: '/gone' }, machine({})), undefined);
});

test('the group of this process is read where its version puts it', () => {
  const files = new Map([['/sys/fs/cgroup/cpu/cpu.stat', 'throttled_time 2000000000\n']]);
  assert.equal(
    throttledHere(path => files.get(path)),
    2,
  );
  files.set('/sys/fs/cgroup/cpu.stat', 'throttled_usec 3000000\n');
  assert.equal(
    throttledHere(path => files.get(path)),
    3,
  );
});
