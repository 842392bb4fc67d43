import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { contextSwitchesOf } from './context-switches.ts';

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
    const before = contextSwitchesOf([process.pid]);
    worker.postMessage(50);
    await once(worker, 'message');
    const after = contextSwitchesOf([process.pid]);
    assert.ok(before && after);
    const waits = after.voluntary - before.voluntary;
    assert.ok(waits >= 50 && waits < 100, `${waits} switches`);
    assert.ok(after.involuntary >= before.involuntary);
  } finally {
    await worker.terminate();
  }
});

test('of a process without workers, or that has gone, nothing is known', () => {
  assert.equal(contextSwitchesOf([2 ** 22 + 1]), null);
});
