import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutDocker } from '../../services/testdata/docker-engine.ts';
import { removeLeftovers } from '../runtimes/compose/leftovers.ts';
import { tracesOf } from '../runtimes/compose/testdata/traces.ts';
import { endAllOf } from '../runtimes/local/processes.ts';
import { runningPrograms, startedWith } from '../runtimes/local/processes.ts';
import { tryLock } from '../runtimes/lock.ts';

const root = join(import.meta.dirname, '../..');
const compare = ['compare', join(import.meta.dirname, 'testdata/soon-measured.yaml'), '--runtime', 'compose'];

/** From Ctrl-C to the command's end: the engine is given time to end what it was just asked for, 2 s on a quiet machine. */
const STOP_LIMIT_MS = 20_000;

describe('a comparison in containers', { skip: withoutDocker() }, () => {
  for (const moment of [0.1, 0.6, 1.2, 2.5, 4.5, 7]) {
    test(`Ctrl-C after ${moment} s leaves no process, no container, no network and no volume`, async () => {
      await withCommand(async command => {
        await delay(moment * 1000);
        await command.interrupt();
      });
    });
  }

  test('Ctrl-C inside a capacity trial ends everything', async () => {
    await withCommand(async command => {
      await command.hasSaid(/\(light\)/);
      // Past the start of k6 for the next trial, far from its end.
      await delay(1500);
      await command.interrupt();
    });
  });

  test('what a command left that was killed is removed as the next begins', async () => {
    await withCommand(async command => {
      await command.hasSaid(/warming up/);
      await command.kill();
      assert.notDeepEqual(await command.traces(), []);
      await removeLeftovers(() => undefined);
    });
  });
});

interface RunningCommand {
  traces(): Promise<string[]>;
  hasSaid(what: RegExp): Promise<void>;
  interrupt(): Promise<void>;
  kill(): Promise<void>;
}

/** Runs a comparison; afterwards nothing of it may be there. */
async function withCommand(use: (command: RunningCommand) => Promise<void>): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'loadline-interrupted-'));
  const foldersBefore = await foldersLeft();
  const child = spawn(join(root, 'loadline'), [...compare, '--runs', temporary], {
    // A terminal sends the signal to the whole foreground group, so the command gets one of its own.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => (said += text));
  const end = async (name: NodeJS.Signals) => {
    assert.ok(child.pid);
    process.kill(-child.pid, name);
    return once(child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
  };
  try {
    await use({
      traces: () => tracesOf(child.pid ?? 0),
      async hasSaid(what) {
        while (!what.test(said)) await delay(50);
      },
      async interrupt() {
        const [code, signal] = await end('SIGINT');
        // Before Node runs, the shell ends by the signal itself.
        assert.ok(code === 130 || signal === 'SIGINT', `it ended with ${code ?? signal}: ${said}`);
      },
      async kill() {
        await end('SIGKILL');
      },
    });
    assert.deepEqual(startedFor(temporary), [], `still running after: ${said}`);
    assert.deepEqual(await tracesOf(child.pid ?? 0), [], `left after: ${said}`);
    assert.deepEqual(await foldersLeft(), foldersBefore, `left after: ${said}`);
  } finally {
    await endAllOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The folders of stacks that nobody holds; `up` keeps its own. */
async function foldersLeft(): Promise<string[]> {
  const stacks = join(root, '.loadline/stacks');
  const left: string[] = [];
  for (const name of existsSync(stacks) ? readdirSync(stacks) : []) {
    await using lock = await tryLock(`stack ${join(stacks, name)}`);
    if (lock && name !== 'up') left.push(name);
  }
  return left;
}

function startedFor(temporary: string): number[] {
  return runningPrograms()
    .filter(({ pid }) => startedWith(pid, 'TMPDIR') === temporary)
    .map(({ pid }) => pid);
}
