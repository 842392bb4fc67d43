import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { listTree } from '../lab/probe/processes.ts';

const LIMIT_MS = 20_000;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`ended by ${signal}, the look at k6’s memory leaves neither its server nor k6 running`, async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'live-memory.ts'), '--rate', '1'], {
      stdio: 'ignore',
    });
    try {
      const started = () => listTree([child.pid ?? 0]).filter(({ parent }) => parent === child.pid);
      await until(() => started().length === 2);
      const children = started();
      child.kill(signal);
      const [code] = await once(child, 'exit');
      assert.equal(code, 130);
      await until(() => children.every(({ pid }) => !existsSync(`/proc/${pid}`)));
    } finally {
      child.kill('SIGTERM');
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  while (!holds()) await delay(20, undefined, { signal: limit });
}
