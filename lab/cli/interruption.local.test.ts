import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { areFree } from '../runtimes/local/ports.ts';
import { checkout, type RunningCommand, withCommand } from './testdata/running-command.ts';

/** From Ctrl-C to the command's end. */
const STOP_LIMIT_MS = 3000;
const soonMeasured = join(import.meta.dirname, 'testdata/soon-measured.yaml');

interface Case {
  readonly args: readonly string[];
  /** The state in which Ctrl-C is pressed. */
  readonly during: string;
  reach(command: RunningCommand): Promise<void>;
  /** Whether it has a stack then, with ports. */
  readonly hasStack: boolean;
}

const cases: readonly Case[] = [
  {
    args: ['up', '--no-dashboard', 'sync', 'async'],
    during: 'the start of Postgres',
    reach: command => command.hasSaid(/starting Postgres/),
    hasStack: false,
  },
  {
    args: ['up', '--no-dashboard', 'sync', 'async'],
    during: 'the start of workers',
    reach: command => command.hasSaid(/starting sync/),
    hasStack: false,
  },
  {
    args: ['compare', soonMeasured, '--runtime', 'local'],
    during: 'the warm-up',
    reach: command => command.hasSaid(/warming up/),
    hasStack: true,
  },
  {
    args: ['compare', soonMeasured, '--runtime', 'local'],
    during: 'a trial',
    reach: async command => {
      await command.hasSaid(/\(light\)/);
      await command.hasLoad();
    },
    hasStack: true,
  },
  {
    args: ['calibrate', '--runtime', 'local'],
    during: 'the work of k6',
    reach: command => command.hasLoad(),
    hasStack: true,
  },
];

for (const { args, during, reach, hasStack } of cases) {
  test(`Ctrl-C during ${during} of \`${args[0]}\` leaves no process, no port and no stack behind`, async () => {
    const stacksBefore = listStacks();
    await withCommand(args, STOP_LIMIT_MS, async command => {
      await reach(command);
      const ports = listPorts(listStacks().filter(name => !stacksBefore.includes(name)));
      if (hasStack) assert.ok(ports.length > 0, 'the stack has no port yet');
      await command.interrupt();
      assert.deepEqual(command.processes(), []);
      assert.ok(await areFree(ports), `one of ${ports} is taken`);
      const left = listStacks().filter(name => name !== 'up' && !stacksBefore.includes(name));
      assert.deepEqual(left, []);
    });
  });
}

/** The ports in the nginx.conf of these stacks: of workers and clients. */
function listPorts(stacks: readonly string[]): number[] {
  const files = stacks.map(name => join(checkout, '.loadline/stacks', name, 'nginx/nginx.conf')).filter(existsSync);
  const texts = files.map(file => readFileSync(file, 'utf8'));
  return [
    ...new Set(texts.flatMap(text => Array.from(text.matchAll(/127\.0\.0\.1:(\d+)/g), ([, port]) => Number(port)))),
  ];
}

/** Folders of stacks; one that has been stopped has none, except `up`, which keeps its database. */
function listStacks(): string[] {
  const folder = join(checkout, '.loadline/stacks');
  return existsSync(folder) ? readdirSync(folder) : [];
}
