import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { endAllIn, type RunningProcess, runningPrograms, startedWith } from '../../runtimes/local/processes.ts';

export const checkout = join(import.meta.dirname, '../../..');

/** A command of the checkout that runs, to be interrupted. */
export interface RunningCommand {
  readonly pid: number;
  /** Returns when it has said this; fails when it ends before. */
  hasSaid(what: RegExp): Promise<void>;
  /** Returns when k6 runs a load for it. */
  hasLoad(): Promise<void>;
  /** Everything that it has started and that still runs. */
  processes(): RunningProcess[];
  /** Presses Ctrl-C and returns when it has ended, with the exit code for that. */
  interrupt(): Promise<void>;
  kill(): Promise<void>;
}

/** Runs `./loadline` with these arguments; whatever it has started is ended afterwards. */
export async function withCommand(
  args: readonly string[],
  stopLimitMs: number,
  use: (command: RunningCommand) => Promise<void>,
): Promise<void> {
  // What it starts has this folder in its environment.
  const temporary = mkdtempSync(join(tmpdir(), 'loadline-interrupted-'));
  const runs = args[0] === 'compare' ? ['--runs', temporary] : [];
  const child = spawn(join(checkout, 'loadline'), [...args, ...runs], {
    // A terminal sends the signal to the whole foreground group, so the command gets one of its own.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => (said += text));
  const { pid } = child;
  assert.ok(pid);
  const processes = () => runningPrograms().filter(one => startedWith(one.pid, 'TMPDIR')?.startsWith(temporary));
  const isLoad = (one: RunningProcess) => one.program === 'k6' && startedWith(one.pid, 'TMPDIR') !== temporary;
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      assert.equal(child.exitCode, null, `it ended by itself: ${said}`);
      await pause(10);
    }
  };
  const end = (name: NodeJS.Signals) => {
    process.kill(-pid, name);
    return once(child, 'exit', { signal: AbortSignal.timeout(stopLimitMs) });
  };
  try {
    await use({
      pid,
      processes,
      hasSaid: what => until(() => what.test(said)),
      // k6 runs a load with a folder of its own, and tells its version without one.
      hasLoad: () => until(() => processes().some(isLoad)),
      async interrupt() {
        const [code] = await end('SIGINT');
        assert.equal(code, 130, said);
      },
      async kill() {
        await end('SIGKILL');
      },
    });
  } finally {
    await endAllIn(temporary);
    rmSync(temporary, { recursive: true, force: true });
  }
}
