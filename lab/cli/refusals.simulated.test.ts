import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRunFolder, writeAsked } from '../run/run-folder.ts';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import * as compare from './compare.ts';
import * as diff from './diff.ts';
import * as exercise from './exercise.ts';
import * as plan from './plan.ts';
import * as report from './report.ts';
import { runCommand } from './testdata/command.ts';
import { writeMeasuredRun } from './testdata/measured-run.ts';
import * as up from './up.ts';

const commands = { compare, diff, exercise, plan, report, up };
const golden = join(import.meta.dirname, 'testdata/refusals.txt');
const load = ['plan', 'measured', '--arrival-rate', '1200'];

/** Commands with a mistake: none of them may start anything. */
const mistakes: readonly (readonly string[])[] = [
  ['compare', 'nothing-there'],
  ['compare', 'full', '--quick'],
  ['compare', '--runtime', 'simulatd'],
  ['compare', '--seed', 'x'],
  ['compare', '--budget', '25h'],
  ['compare', '--only', 'hybrid,,wait'],
  ['compare', '--runtime', 'local', '--cpus', '4'],
  ['compare', '--runtime', 'local', '--precision', '2%'],
  ['compare', '--runtime', 'simulated', '--precision', '60%'],
  ['compare', '--runtime', 'simulated', '--parallel', '0'],
  ...[
    ...[['quick'], ['--seed', '8'], ['--budget', '10s'], ['--only', 'sync'], ['--precision', '2%']],
    ...[
      ['--model', 'latest'],
      ['--runtime', 'local'],
      ['--cpus', '64'],
    ],
  ].map(options => ['compare', ...options, '--resume', 'begun']),
  ['compare', '--resume', 'gone'],
  ['diff', 'measured', 'gone'],
  ['diff', 'measured', 'measured', '--allow', '0.05'],
  ['report', 'measured', '--format', 'pdf'],
  ['plan', 'measured'],
  ...['-5', '0', 'NaN', '1e999', '250ms'].map(rate => ['plan', 'measured', '--arrival-rate', rate]),
  ...[
    ...[
      ['--p99', '4G'],
      ['--p99', '250'],
      ['--p99', '0ms'],
      ['--p99', '1e400s'],
      ['--p99', '1s', '--p95', '1s'],
    ],
    ...[
      ['--objective', 'p99'],
      ['--objective', 'p0=1s'],
      ['--memory', '250ms'],
      ['--memory', '4'],
    ],
    ...[
      ['--cpus', '2.5'],
      ['--cpus', '0'],
      ['--database-connections', '4G'],
      ['--growth', '-1'],
    ],
    ...[
      ['--headroom', '95.1%'],
      ['--headroom', '1'],
      ['--topology', 'hybrd'],
      ['--generator', 'hear'],
    ],
    ...[
      ['--what-if', 'database-wiat=2x'],
      ['--what-if', 'database-wait=40ms'],
      ['--what-if', 'cpus'],
    ],
    ...[
      ['--what-if', 'memory=0G'],
      ['--what-if', 'growth=0x'],
      ['--sweep', 'processes=0..4'],
    ],
    ...[
      ['--sweep', 'processes=4..1'],
      ['--sweep', 'processes=1,1'],
      ['--sweep', 'procs=1..4'],
    ],
    ...[
      ['--workload', 'wiat'],
      ['--workload', 'work,mss=40'],
      ['--workload', 'wait,ms=9000'],
    ],
    ...[
      ['--workload', 'wait,ms=40ms'],
      ['--workload', 'cpu,'],
      ['--prices', 'bad-prices.yaml'],
    ],
    ['--topology', 'async', '--sweep', 'threads=1..4', '--extrapolate'],
  ].map(options => [...load, ...options]),
  ['plan', 'empty', '--arrival-rate', '50'],
  ['plan', 'hidden', '--arrival-rate', '300'],
  ['plan', 'measured', '--arrival-rate', '50', '--topology', 'async-express'],
  ['plan', 'waits', '--arrival-rate', '50', '--topology', 'sync'],
  ['plan', 'waits', '--arrival-rate', '50', '--workload', 'cpu'],
  ['plan', 'measured', '--arrival-rate', '50', '--p99', '15ms'],
  ['plan', 'measured', '--arrival-rate', '600', '--cpus', '16'],
  ...[['13'], ['two'], ['2', '--answer', '17/s'], ['2', '--answer', 'soon'], ['2', '--answer', '1', '--explain']].map(
    words => ['exercise', ...words],
  ),
  ['exercise', '--hints'],
  ['exercise', '2', '--runtime', 'local'],
  ...[['gone'], ['hybrid', 'hybrid'], ['hybird'], ['hybrid:databaseConnection=8'], ['hybrid:connections=8']].map(
    words => ['up', ...words],
  ),
  ...['hybrid:databaseConnections=0', 'hybrid:processes=x', 'hybrid:'].map(word => ['up', word]),
];

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-mistakes-'));
  for (const part of ['docs', 'experiments', '.env'])
    symlinkSync(join(import.meta.dirname, '../..', part), join(root, part));
  for (const name of ['measured', 'waits', 'hidden', 'empty'] as const) writeMeasuredRun(root, name);
  const begun = createRunFolder(join(root, 'runs'), 'begun', new Date(0));
  writeAsked(begun, { experiment: experimentWith([waitOn('sync')]), runtime: 'simulated' });
  writeFileSync(join(root, 'bad-prices.yaml'), 'machine: 100\ngigabyte: -1\ndatabaseConnections: 2\n');
});
after(() => rmSync(root, { recursive: true }));

test('every mistake is refused with its code and what to do instead; --update writes the file again', async () => {
  const refused: string[] = [];
  for (const [name = '', ...words] of mistakes) {
    const given = words.map(word => (word.endsWith('.yaml') ? join(root, word) : word));
    const resumed = given.map(word => (word === 'begun' ? '1970-01-01T000000-begun' : word));
    const runs = name === 'compare' ? ['--runs', join(root, 'runs')] : [];
    const { error, printed } = await runCommand(commands[name as 'plan'], root, [name, ...resumed, ...runs]);
    assert.ok(error, `${name} ${words.join(' ')} is not refused`);
    assert.equal(printed, '');
    refused.push(
      `$ ./loadline ${[name, ...words].join(' ')}\n${error.code} (exit ${error.exitCode}): ${error.message}\n`,
    );
  }
  const text = refused.join('\n').replaceAll(root, 'CHECKOUT');
  if (process.argv.includes('--update')) writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});
