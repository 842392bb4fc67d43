import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { exitCodes } from '../../model/errors.ts';
import { readTrials } from '../run/trials-file.ts';
import { endAllIn, runningPrograms, startedWith } from '../runtimes/local/processes.ts';
import { seededRandom } from '../search/seeded.ts';

const root = join(import.meta.dirname, '../..');
const short = join(import.meta.dirname, 'testdata/short.yaml');
let temporary: string;

beforeEach(() => {
  temporary = realpathSync(mkdtempSync(join(tmpdir(), 'loadline-resumed-')));
});
afterEach(async () => {
  await endAllIn(temporary);
  rmSync(temporary, { recursive: true, force: true });
});

test('a simulated comparison that is killed again and again ends with what an undisturbed one has', async () => {
  await ended(compare('undisturbed', ['quick', '--runtime', 'simulated']));
  const random = seededRandom(5);
  let kills = 0;
  // First before there is a file of trials, while it deploys; then after so many trials.
  for (let killAt = 2; ; killAt = 2 + Math.floor(random() * 8)) {
    const what = kills === 0 ? ['quick', '--runtime', 'simulated'] : ['--resume', 'latest'];
    if (!(await killedAt(killAt, compare('killed', what)))) break;
    kills++;
  }
  assert.ok(kills >= 4, `${kills} kills`);
  const [undisturbed, killed] = ['undisturbed', 'killed'].map(runFiles);
  assert.ok(undisturbed && killed);
  assert.equal(withoutResumptions(killed.trials), undisturbed.trials);
  assert.deepEqual(Object.keys(killed.comparison), Object.keys(undisturbed.comparison));
  assert.deepEqual(killed.comparison.cells, undisturbed.comparison.cells);
});

test('a comparison on this machine that is killed goes on, loses no trial, and leaves nothing running', async () => {
  const first = compare('killed', [short, '--runtime', 'local']);
  // The trial after the light one has begun: a generator and a stack are left behind.
  const isKilled = await killedAt(1, first, line => /^ {2}async/.test(line));
  assert.ok(isKilled);
  assert.ok(startedHere().length > 0, 'the stack outlives the command that was killed');
  const kept = readTrials(join(onlyRun('killed'), 'trials.jsonl')).results;
  assert.ok(kept.length > 0);
  const [code, said] = await waitForOutcome(compare('killed', ['--resume', 'latest']));
  // Where other programs disturb all of its trials it says that nothing was measured.
  assert.ok(code === 0 || code === exitCodes.invalid, said);
  const { results, resumptions } = readTrials(join(onlyRun('killed'), 'trials.jsonl'));
  assert.deepEqual(results.slice(0, kept.length), kept);
  assert.ok(results.length > kept.length);
  assert.equal(resumptions.length, 1);
  assert.equal(new Set(results.map(({ trial }) => trial.id)).size, results.length);
  assert.deepEqual(startedHere(), []);
});

test('two commands cannot go on with one run', async () => {
  await killedAt(6, compare('killed', ['quick', '--runtime', 'simulated']));
  const one = compare('killed', ['--resume', 'latest', '--budget', '1h']);
  await line(one, text => /^ {2}\S/.test(text));
  const [code, said] = await waitForOutcome(compare('killed', ['--resume', 'latest']));
  assert.equal(code, 2);
  assert.match(said, /Another command is writing/);
  one.kill('SIGKILL');
  await once(one, 'exit');
});

function compare(runs: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'lab/cli/main.ts'), 'compare', ...args, '--runs', join(temporary, runs)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
}

/** Kills a command when it has said so many lines; says whether it was still there to be killed. */
async function killedAt(lines: number, command: ChildProcess, counts = (_line: string) => true): Promise<boolean> {
  let left = lines;
  await line(command, text => counts(text) && --left === 0);
  command.kill('SIGKILL');
  const [, signal] = command.exitCode === null ? await once(command, 'exit') : [null, null];
  return signal === 'SIGKILL';
}

/** Waits until a command says a line that is looked for, or ends. */
async function line(command: ChildProcess, isIt: (line: string) => boolean): Promise<void> {
  if (command.stderr === null) return;
  let rest = '';
  for await (const text of command.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    const said = (rest + text).split('\n');
    rest = said.pop() ?? '';
    if (said.some(isIt)) return;
  }
}

async function waitForOutcome(command: ChildProcess): Promise<[code: number | null, said: string]> {
  let said = '';
  command.stderr?.setEncoding('utf8').on('data', text => {
    said += text;
  });
  const [code] = await once(command, 'exit');
  return [code, said];
}

async function ended(command: ChildProcess): Promise<void> {
  const [code, said] = await waitForOutcome(command);
  assert.equal(code, 0, said);
}

function onlyRun(runs: string): string {
  const names = readdirSync(join(temporary, runs)).filter(name => name !== 'latest');
  assert.equal(names.length, 1, names.join(' '));
  return join(temporary, runs, names[0] ?? '');
}

function runFiles(runs: string) {
  const read = (name: string) => readFileSync(join(onlyRun(runs), name), 'utf8');
  return { trials: read('trials.jsonl'), comparison: JSON.parse(read('comparison.json')) };
}

function withoutResumptions(trials: string): string {
  const lines = trials.split('\n').filter(text => !text.startsWith('{"state":"resumed"'));
  return lines.join('\n');
}

function startedHere(): number[] {
  return runningPrograms()
    .filter(({ pid }) => startedWith(pid, 'TMPDIR') === temporary)
    .map(({ pid }) => pid);
}
