import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { localK6 } from '../runtimes/local/k6.ts';
import { trialAt, waitOn } from '../search/testdata/cells.ts';
import { type Instruments, measure } from './measure.ts';
import { none, nothingRead } from './testdata/nothing-read.ts';

const trial = { ...trialAt(20, waitOn('threads')), phases: { warmUp: 0.01, steadyState: 60, timeLimit: 1 } };

/** An observer that counts its looks and the timers that a trial has left behind. */
function looking(): Instruments['observer'] & { looks: number } {
  return {
    looks: 0,
    async read() {
      this.looks++;
      return nothingRead;
    },
    readOthers: async () => [],
    held: async () => new Map(),
    sessions: async () => null,
    memory: async () => none,
  };
}

/** Puts a program in k6's place that reports once as a source does, and then goes on with `afterwards`. */
async function withFakeK6(afterwards: string, use: (k6Path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-'));
  const report = { source: 1, time: 0, sent: 1, completed: 0, inProgress: 1, overObjective: 0, failed: 0 };
  const script = `#!${process.execPath}
    fetch(process.env.ORDERS, { method: 'POST', body: '${JSON.stringify(report)}' }).then(() => { ${afterwards} });`;
  try {
    await writeFile(join(folder, 'k6'), script, { mode: 0o755 });
    await use(join(folder, 'k6'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function timersLeft(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length;
}

test('after a failure of k6 nothing waits for the end of the steady state, and nothing reads on', async () => {
  await withFakeK6('setTimeout(() => process.exit(7), 300)', async k6Path => {
    const observer = looking();
    const timers = timersLeft();
    const options = { signal: new AbortController().signal, objective: 0.25, onProgress: () => 'go-on' as const };
    await assert.rejects(measure(trial, { target: 'http://127.0.0.1:1', launch: localK6(k6Path), observer }, options), {
      code: 'k6-failed',
    });
    const { looks } = observer;
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(observer.looks, looks);
    assert.equal(timersLeft(), timers);
  });
});

test('after an interruption nothing waits for the end of the steady state', async () => {
  await withFakeK6('setInterval(() => {}, 1000)', async k6Path => {
    const interruption = new AbortController();
    const timers = timersLeft();
    const measuring = measure(
      trial,
      { target: 'http://127.0.0.1:1', launch: localK6(k6Path), observer: looking() },
      {
        signal: interruption.signal,
        objective: 0.25,
        onProgress: () => {
          setImmediate(() => interruption.abort(new LoadlineError('interrupted', 'stopped by the test')));
          return 'go-on';
        },
      },
    );
    await assert.rejects(measuring, { code: 'interrupted' });
    assert.equal(timersLeft(), timers);
  });
});
