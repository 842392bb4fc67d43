import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LoadlineError } from '../../model/errors.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { experimentWith, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import { requireGoldenLines } from '../testdata/golden-lines.ts';
import { readTrials, TrialsFile, type TrialsHeader } from './trials-file.ts';

const cell = waitOn('sync');
const header: TrialsHeader = {
  experiment: experimentWith([cell]),
  runtime: 'simulated',
  environment: { cpus: 2, node: 'v24' },
};
const measurement = nothingMeasured(0.25);
const results: TrialResult[] = [
  { state: 'completed', trial: trialAt(10, cell, { id: 'b0-p0' }), elapsed: 12.5, measurement },
  {
    state: 'invalid',
    trial: trialAt(20, cell, { id: 'b1-p0' }),
    elapsed: 3,
    measurement,
    reason: { kind: 'never-sent', arrivals: 4 },
  },
  {
    state: 'failed',
    trial: trialAt(30, cell, { id: 'b2-p0' }),
    elapsed: 1,
    error: { code: 'k6-failed', message: 'a\nb' },
  },
];

/** A file with the results above, in a folder that is removed afterwards. */
function withFile(use: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-'));
  const path = join(folder, 'trials.jsonl');
  try {
    using file = TrialsFile.create(path, header);
    for (const result of results) file.append(result);
    use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what is written is what is read', () => {
  withFile(path =>
    assert.deepEqual(readTrials(path), { schema: 3, ...header, results, resumptions: [], ended: false, cutOff: false }),
  );
});

/** The same file with other results. */
function rewrite(path: string, run: TrialsHeader, result: TrialResult): void {
  rmSync(path);
  using file = TrialsFile.create(path, run);
  file.append(result);
}

test('limits of containers, how they were used, and numbers that JSON does not have survive', () => {
  withFile(path => {
    const containers = { workers: { cpus: 0.6, cpuset: '0-1', memory: 4e8 }, nginx: { cpus: 0.17 } };
    const limited = { ...cell, deployment: { ...cell.deployment, containers } };
    const odd = {
      ...measurement,
      utilisation: { ...measurement.utilisation, 'workers-cpus': 0.97, 'nginx-cpus': 0.2 },
      ...{ throttledBy: { workers: 0.3 }, offeredLoad: Number.NaN, throughput: Number.POSITIVE_INFINITY },
    };
    const result: TrialResult = { state: 'completed', trial: trialAt(10, limited), elapsed: 1, measurement: odd };
    const run = { ...header, experiment: experimentWith([limited]) };
    rewrite(path, run, result);
    const read = readTrials(path);
    assert.deepEqual([read.experiment, read.results], [run.experiment, [result]]);
    edit(path, '"cpus":0.17', '"cpus":"0.17"');
    assert.throws(() => readTrials(path), { message: /containers.nginx.cpus must be a number/ });
  });
});

test('a file that was cut in half anywhere in its last line keeps the whole lines and says so', () => {
  withFile(path => {
    const text = readFileSync(path, 'utf8');
    const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
    for (const length of [text.length - 1, text.length - 2, lastLine + 1]) {
      truncateSync(path, length);
      assert.deepEqual(readTrials(path), {
        schema: 3,
        ...header,
        results: results.slice(0, 2),
        resumptions: [],
        ended: false,
        cutOff: true,
      });
    }
  });
});

function edit(path: string, part: string | RegExp, by: string): void {
  const text = readFileSync(path, 'utf8');
  assert.notEqual(text.replace(part, by), text);
  writeFileSync(path, text.replace(part, by));
}

/** What is added at the end, [what is replaced, by what], or another change. */
const damages: [what: string, damage: string | [part: string, by: string] | ((path: string) => void)][] = [
  ['a line that is not JSON', '{"state":"comp\n'],
  ['a line that is no result', '{"state":"lost"}\n'],
  ['an empty line', '\n'],
  ['a file of a newer Loadline', ['"schema":3', '"schema":4']],
  ['a file of an older Loadline', ['"schema":3', '"schema":1']],
  ['a text instead of a number, deep in a measurement', ['"throughput":0', '"throughput":"fast"']],
  ['a measurement that lacks a part', ['"memory":{"nginx":0,', '"memory":{']],
  ['a load of another kind', ['"model":"open"', '"model":"opne"']],
  ['a header without its experiment', ['"experiment"', '"experimant"']],
  ['a trial that is there twice', path => edit(path, /^(.*"state":"completed".*\n)/m, '$1$1')],
  ['bytes that are not text', path => writeFileSync(path, Buffer.from([0x1f, 0x8b, 0, 8, 10, 0, 3, 10]))],
  ['another file', path => writeFileSync(path, 'name: quick\n')],
  ['a header that was cut off', path => truncateSync(path, 20)],
  ['an empty file', path => truncateSync(path, 0)],
  ['no file', path => rmSync(path)],
  ['a folder', path => [rmSync(path), mkdirSync(path)]],
];

test('what is wrong with a file is said, with the file and where', () => {
  const lines = damages.map(([what, damage]) => {
    let told = '';
    withFile(path => {
      if (typeof damage === 'string') appendFileSync(path, damage);
      else if (typeof damage === 'function') damage(path);
      else edit(path, ...damage);
      assert.throws(
        () => readTrials(path),
        (error: LoadlineError) => {
          told = error.message.replaceAll(path, 'FILE').replace(/\w*Error: .*/, '…');
          return error.code === 'results-unreadable' && told.includes('FILE');
        },
      );
    });
    return `${what}: ${told}`;
  });
  requireGoldenLines(join(import.meta.dirname, 'testdata/damages.txt'), lines);
});

test('a file that is there already is not written over', () => {
  withFile(path => assert.throws(() => TrialsFile.create(path, header), { code: 'folder-unwritable' }));
});

test('a file that is resumed loses the line that was cut in half, keeps all others, and has the budget that it was given', () => {
  withFile(path => {
    const text = readFileSync(path, 'utf8');
    truncateSync(path, text.length - 20);
    {
      using file = TrialsFile.resume(path, { budget: 600, changes: { node: ['v24', 'v25'] } });
      file.append(results[2] ?? assert.fail());
    }
    const { experiment, ...record } = readTrials(path);
    assert.equal(experiment.budget, 600);
    assert.deepEqual(record.results, results);
    assert.deepEqual(record.resumptions, [{ budget: 600, changes: { node: ['v24', 'v25'] } }]);
    assert.equal(record.cutOff, false);
    const whole = text.lastIndexOf('\n', text.length - 2) + 1;
    assert.equal(readFileSync(path, 'utf8').slice(0, whole), text.slice(0, whole));
  });
});
