import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { withoutDocker } from '../../services/testdata/docker-engine.ts';
import { removeLeftovers } from '../runtimes/compose/leftovers.ts';
import { listGenerators, listTraces } from '../runtimes/compose/testdata/traces.ts';
import { tryLock } from '../runtimes/lock.ts';
import { checkout, type RunningCommand, withCommand } from './testdata/running-command.ts';

const compare = ['compare', join(import.meta.dirname, 'testdata/soon-measured.yaml'), '--runtime', 'compose'];
/** From Ctrl-C to the command's end: the engine is given time to end what it was just asked for, 2 s on a quiet machine. */
const STOP_LIMIT_MS = 20_000;

const states: [during: string, reach: (command: RunningCommand) => Promise<void>][] = [
  ['the build', command => command.hasSaid(/building the images/)],
  [
    'the start of containers',
    async command => {
      await command.hasSaid(/starting containers/);
      while ((await listTraces(command.pid)).length === 0) await pause(20);
    },
  ],
  [
    'a trial',
    async command => {
      await command.hasSaid(/\(light\)/);
      while ((await listGenerators(command.pid)).length === 0) await pause(20);
    },
  ],
];

describe('a comparison in containers', { skip: withoutDocker() }, () => {
  for (const [during, reach] of states) {
    test(`that is interrupted during ${during} leaves no process, container, network or volume`, () =>
      leavesNothing(async command => {
        await reach(command);
        await command.interrupt();
      }));
  }

  test('that is killed is removed when the next command begins', () =>
    leavesNothing(async command => {
      await command.hasSaid(/warming up/);
      await command.kill();
      assert.notDeepEqual(await listTraces(command.pid), []);
      await removeLeftovers(() => undefined);
    }));
});

/** Runs a comparison; afterwards nothing of it may be there. */
async function leavesNothing(use: (command: RunningCommand) => Promise<void>): Promise<void> {
  const foldersBefore = await listFreeFolders();
  await withCommand(compare, STOP_LIMIT_MS, async command => {
    await use(command);
    assert.deepEqual(command.processes(), []);
    assert.deepEqual(await listTraces(command.pid), []);
    assert.deepEqual(await listFreeFolders(), foldersBefore);
  });
}

/** The folders of stacks that no command holds; `up` keeps its own. */
async function listFreeFolders(): Promise<string[]> {
  const stacks = join(checkout, '.loadline/stacks');
  const free: string[] = [];
  for (const name of existsSync(stacks) ? readdirSync(stacks) : []) {
    await using lock = await tryLock(`stack ${join(stacks, name)}`);
    if (lock && name !== 'up') free.push(name);
  }
  return free;
}
