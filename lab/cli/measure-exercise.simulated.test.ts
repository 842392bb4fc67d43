import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTrials } from '../run/trials-file.ts';
import * as exercise from './exercise.ts';
import { runCommand } from './testdata/command.ts';

const shipped = join(import.meta.dirname, '../../docs/exercises/trials.jsonl');
let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-exercise-'));
  mkdirSync(join(root, 'docs/exercises'), { recursive: true });
  cpSync(shipped, join(root, 'docs/exercises/trials.jsonl'));
});
after(() => rmSync(root, { recursive: true }));

const ran = (...words: string[]) => runCommand(exercise, root, ['exercise', ...words]);

/** The only run that was made of an exercise. */
function findOnlyRun(name: string): string {
  const runs = join(root, 'runs/exercises');
  const found = readdirSync(runs).filter(run => run.endsWith(name));
  assert.equal(found.length, 1, found.join(' '));
  return join(runs, found[0] ?? '');
}

test('a simulation of the measured machine and its service answers an exercise', async () => {
  const { printed, said, error } = await ran('2', '--measure', '--runtime', 'simulated');
  assert.equal(error, undefined);
  assert.match(
    printed,
    /^5 of 5 were answered, after .*\nThe last answer came after 4\d\d ms; computed are 400 ms\.\n/,
  );
  assert.match(printed, /\nThe simulation agrees with the model\.$/);
  const { cpus, name } = readTrials(shipped).experiment;
  assert.match(said.join('\n'), new RegExp(`simulated, on a machine with ${cpus} CPUs, with the service of .*${name}`));
  const { environment, runtime, experiment } = readTrials(join(findOnlyRun('02-five-clients'), 'trials.jsonl'));
  assert.deepEqual([runtime, environment.availableCpus, experiment.cpus], ['simulated', cpus, cpus]);
});

test('--json tells machines what was measured, and where it is', async () => {
  const { printed } = await ran('3', '--measure', '--runtime', 'simulated', '--json');
  const { schema, number, runtime, agrees, sentences, folder } = JSON.parse(printed);
  assert.deepEqual([schema, number, runtime, agrees, sentences.length], [1, 3, 'simulated', true, 1]);
  assert.equal(folder, findOnlyRun('03-a-hundred-at-once'));
});

test('what does not agree ends with 99, after what was measured', async () => {
  // As if the processes had taken three times as much memory where the question looks.
  const path = join(root, 'docs/exercises/trials.jsonl');
  const lines = readFileSync(shipped, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const processes = ({ trial }: { trial?: { cell: { deployment: { topology: string; processes: number } } } }) =>
    trial?.cell.deployment.topology === 'sync' ? trial.cell.deployment.processes : 0;
  const most = Math.max(...lines.map(processes));
  for (const line of lines) if (processes(line) === most) line.measurement.memory.workers *= 3;
  writeFileSync(path, `${lines.map(line => JSON.stringify(line)).join('\n')}\n`);
  try {
    const { printed, error } = await ran('7', '--measure', '--runtime', 'simulated');
    assert.deepEqual([error?.code, error?.exitCode], ['exercise-disagrees', 99]);
    assert.match(error?.message ?? '', /^The simulation does not agree with the model\. /);
    assert.match(printed, /40 processes would take .*; computed are /);
    assert.doesNotMatch(printed, /agrees/);
  } finally {
    cpSync(shipped, path);
  }
});
