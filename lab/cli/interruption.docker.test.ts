import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { withoutDocker } from '../../services/testdata/docker-engine.ts';
import { docker, linesOf } from '../runtime/compose/docker.ts';
import { removeLeftovers, STACK_LABEL } from '../runtime/compose/leftovers.ts';
import { endAllOf } from '../runtime/local/left-by.ts';
import { runningPrograms, startedWith } from '../runtime/local/processes.ts';

const root = join(import.meta.dirname, '../..');
const compare = ['compare', join(import.meta.dirname, 'testdata/soon-measured.yaml'), '--runtime', 'compose'];

/** From Ctrl-C to the command's end: the engine is given time to end what it was just asked for. */
const STOP_LIMIT_MS = 5000;

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
      await command.hasSaid(/a light look\)/);
      // Past the start of k6 for the next trial, far from its end.
      await delay(1500);
      await command.interrupt();
    });
  });

  test('what a command left that was killed is removed as the next begins', async () => {
    await withCommand(async command => {
      await command.hasSaid(/warming up/);
      await command.kill();
      assert.notDeepEqual(await traces(), command.tracesBefore);
      await removeLeftovers(() => undefined);
    });
  });
});

interface RunningCommand {
  readonly tracesBefore: readonly string[];
  hasSaid(what: RegExp): Promise<void>;
  interrupt(): Promise<void>;
  kill(): Promise<void>;
}

/** Runs a comparison; afterwards nothing of it may be there. */
async function withCommand(use: (command: RunningCommand) => Promise<void>): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'loadline-interrupted-'));
  const tracesBefore = await traces();
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
      tracesBefore,
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
    assert.deepEqual(await traces(), tracesBefore, `left after: ${said}`);
  } finally {
    await endAllOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Everything that stacks of containers leave: with the engine, and in this checkout. */
async function traces(): Promise<string[]> {
  const filter = ['--filter', `label=${STACK_LABEL}`];
  const lists = [
    ['ps', '--all', '--format', '{{.Names}}'],
    ['network', 'ls', '--format', '{{.Name}}'],
    ['volume', 'ls', '--format', '{{.Name}}'],
  ];
  const answers = await Promise.all(lists.map(list => docker([...list, ...filter])));
  const folder = join(root, '.loadline/stacks');
  const folders = existsSync(folder) ? readdirSync(folder).filter(name => name !== 'up') : [];
  return [...answers.flatMap(linesOf), ...folders].sort();
}

function startedFor(temporary: string): number[] {
  return runningPrograms()
    .filter(({ pid }) => startedWith(pid, 'TMPDIR') === temporary)
    .map(({ pid }) => pid);
}
