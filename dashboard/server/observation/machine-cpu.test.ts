import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { test } from 'node:test';
import { cpuBetween, cpuTime, hostCpus } from './machine-cpu.ts';

test('the fraction in use is what was busy of all that there was', () => {
  assert.equal(cpuBetween({ busy: 1000, total: 4000 }, { busy: 1500, total: 6000 }), 0.25);
  assert.equal(cpuBetween({ busy: 1000, total: 4000 }, { busy: 1000, total: 4000 }), 0, 'no time has gone by');
});

test('the time of this machine is that of all its CPUs, and some of it was busy', () => {
  assert.equal(hostCpus(), cpus().length);
  const { busy, total } = cpuTime();
  const first = cpus()[0]?.times;
  assert.ok(busy > 0 && busy < total, `${busy} ms of ${total} ms`);
  assert.ok(total >= (first?.idle ?? Number.POSITIVE_INFINITY));
});
