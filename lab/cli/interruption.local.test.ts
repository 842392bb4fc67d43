import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');

/** Everything that a command starts inherits this variable, so that what it leaves behind can be found. */
const MARK = 'LOADLINE_TEST_MARK';

/** Seconds after the start of a comparison at which Ctrl-C is pressed: while it loads, deploys, checks and measures. */
const moments = [0.1, 0.4, 0.8, 1.3, 2, 3, 4, 5.5, 8, 12];

for (const moment of moments) {
  test(`Ctrl-C after ${moment} s of a comparison leaves no process and no stack behind`, async () => {
    const mark = randomUUID();
    const stacksBefore = stacks();
    const command = spawn(join(root, 'loadline'), ['compare', '--quick'], {
      // A terminal sends the signal to the whole foreground group, so the command gets one of its own.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, [MARK]: mark },
    });
    let said = '';
    command.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    try {
      await delay(moment * 1000);
      assert.ok(command.pid);
      process.kill(-command.pid, 'SIGINT');
      const [code, signal] = await once(command, 'exit', { signal: AbortSignal.timeout(20_000) });
      // Before Node runs, the shell ends by the signal itself.
      assert.ok(code === 130 || signal === 'SIGINT', `it ended with ${code ?? signal}: ${said}`);
      assert.deepEqual(marked(mark), [], `still running after: ${said}`);
      assert.deepEqual(
        stacks().filter(name => !stacksBefore.includes(name)),
        [],
      );
    } finally {
      for (const { pid } of marked(mark)) process.kill(pid, 'SIGKILL');
    }
  });
}

/** Folders of stacks; one that has been stopped has none, but for the data that `up` keeps. */
function stacks(): string[] {
  const folder = join(root, '.loadline/stacks');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function marked(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && contentsOf(name, 'environ').split('\0').includes(`${MARK}=${mark}`))
    .map(name => ({ pid: Number(name), command: contentsOf(name, 'cmdline').replaceAll('\0', ' ') }));
}

function contentsOf(pid: string, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
