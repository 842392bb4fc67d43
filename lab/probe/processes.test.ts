import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CONTROL_THREAD } from '../../model/wire.ts';
import { countContextSwitches, listTree, readCpuTime, readProcessMemory } from './processes.ts';

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
    const alive = readCpuTime([parent.pid ?? 0]);
    assert.ok(alive >= 0.2, `${alive} s while the child lives`);
    parent.send('end it');
    await once(parent, 'message');
    const ended = readCpuTime([parent.pid ?? 0]);
    assert.ok(ended >= alive, `${ended} s after the child has ended, ${alive} s before`);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a process that has gone has used nothing and holds nothing', () => {
  const gone = 2 ** 22 + 1;
  assert.equal(readCpuTime([gone]), 0);
  assert.equal(readProcessMemory([gone]), 0);
});

test('memory of this process is between 10 MB and 2 GB', () => {
  const bytes = readProcessMemory([process.pid]);
  assert.ok(bytes > 10e6 && bytes < 2e9, `${bytes} bytes`);
});

test('a worker that waits leaves its CPU of its own accord, once for each wait', async () => {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    parentPort.on('message', waits => {
      for (let wait = 0; wait < waits; wait++) Atomics.wait(cell, 0, 0, 1);
      parentPort.postMessage('waited');
    });
    parentPort.postMessage('ready');`,
    { eval: true },
  );
  try {
    await once(worker, 'message');
    const before = countContextSwitches([process.pid]);
    worker.postMessage(50);
    await once(worker, 'message');
    const after = countContextSwitches([process.pid]);
    assert.ok(before && after);
    const waits = after.voluntary - before.voluntary;
    assert.ok(waits >= 50 && waits < 100, `${waits} switches`);
    assert.ok(after.involuntary >= before.involuntary);
  } finally {
    await worker.terminate();
  }
});

test('where another thread controls the main thread, the main thread is the worker', async () => {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const { Worker } = require('node:worker_threads');
      const cell = new Int32Array(new SharedArrayBuffer(4));
      const control = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', { eval: true, name: '${CONTROL_THREAD}' });
      control.on('online', () => process.send('ready'));
      process.on('message', waits => {
        for (let wait = 0; wait < waits; wait++) Atomics.wait(cell, 0, 0, 1);
        process.send('waited');
      });`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  try {
    await once(child, 'message');
    const before = countContextSwitches([child.pid ?? 0]);
    child.send(50);
    await once(child, 'message');
    const after = countContextSwitches([child.pid ?? 0]);
    assert.ok(before && after);
    const waits = after.voluntary - before.voluntary;
    assert.ok(waits >= 50, `${waits} switches`);
  } finally {
    child.kill('SIGKILL');
  }
});

test('of a process without workers, or that has gone, nothing is known', () => {
  assert.equal(countContextSwitches([2 ** 22 + 1]), null);
});

test('a process that is named beside its parent counts once', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
    const pids = [process.pid, child.pid ?? 0];
    const members = listTree(pids).map(({ pid }) => pid);
    assert.deepEqual(members, [...new Set(members)]);
    assert.deepEqual(members.slice(0, 2), pids);
  } finally {
    child.kill('SIGKILL');
  }
});
