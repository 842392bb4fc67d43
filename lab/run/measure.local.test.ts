import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { localK6 } from '../runtimes/local/k6.ts';
import { trialAt, waitOn } from '../search/testdata/cells.ts';
import { measure } from './measure.ts';
import { idleObserver, nothingRead } from './testdata/nothing-read.ts';

const trial = { ...trialAt(20, waitOn('threads')), phases: { warmUp: 0.01, steadyState: 60, timeLimit: 1 } };

/** An observer that counts its looks. */
function looking() {
  const seen = { looks: 0 };
  const read = async () => {
    seen.looks++;
    return nothingRead;
  };
  return { ...idleObserver, read, seen };
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

for (const [what, afterwards, code] of [
  ['a failure of k6', 'setTimeout(() => process.exit(7), 300)', 'k6-failed'],
  ['an interruption', 'setInterval(() => {}, 1000)', 'interrupted'],
] as const) {
  test(`after ${what} nothing waits for the end of the steady state, and nothing reads on`, async () => {
    await withFakeK6(afterwards, async k6Path => {
      const observer = looking();
      const timers = timersLeft();
      const interruption = new AbortController();
      const onProgress = () => {
        const reason = new LoadlineError('interrupted', 'stopped by the test');
        if (code === 'interrupted') setImmediate(() => interruption.abort(reason));
        return 'go-on' as const;
      };
      const options = { signal: interruption.signal, objective: 0.25, onProgress };
      const instruments = { target: 'http://127.0.0.1:1', launch: localK6(k6Path), observer };
      await assert.rejects(measure(trial, instruments, options), { code });
      const { looks } = observer.seen;
      await new Promise(resolve => setImmediate(resolve));
      assert.equal(observer.seen.looks, looks);
      assert.equal(timersLeft(), timers);
    });
  });
}
