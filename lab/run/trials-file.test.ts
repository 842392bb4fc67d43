import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialResult } from '../../model/measurement.ts';
import { experimentOf, trialAt, waitOn } from '../search/testdata/cells.ts';
import { nothingMeasured } from '../search/testdata/simulated-service.ts';
import { readTrials, TrialsFile, type TrialsHeader } from './trials-file.ts';

const cell = waitOn('sync');
const header: TrialsHeader = {
  experiment: experimentOf([cell]),
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
    const run = { ...header, experiment: experimentOf([limited]) };
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

function edit(path: string, part: string, by: string): void {
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(part), part);
  writeFileSync(path, text.replace(part, by));
}

const damages: [what: string, damage: (path: string) => void, line: RegExp][] = [
  ['a line that is not JSON', path => appendFileSync(path, '{"state":"comp\n'), /line 5/],
  ['a line that is no result', path => appendFileSync(path, '{"state":"lost"}\n'), /line 5/],
  ['an empty line', path => appendFileSync(path, '\n'), /line 5/],
  [
    'a file of a newer Loadline',
    path => edit(path, '"schema":3', '"schema":4'),
    /newer Loadline: line 1 says schema 4/,
  ],
  [
    'a file of an older Loadline',
    path => edit(path, '"schema":3', '"schema":1'),
    /older Loadline: line 1 says schema 1/,
  ],
  [
    'a text where a number belongs, deep in a measurement,',
    path => edit(path, '"throughput":0', '"throughput":"fast"'),
    /line 2: measurement\.throughput must be a number$/,
  ],
  [
    'a measurement that lacks a part',
    path => edit(path, '"memory":{"nginx":0,', '"memory":{'),
    /line 2: measurement\.memory\.nginx must be a number$/,
  ],
  [
    'a load of another kind',
    path => edit(path, '"model":"open"', '"model":"opne"'),
    /line 2: trial\.load\.model .*open.*/,
  ],
  [
    'a header without its experiment',
    path => edit(path, '"experiment"', '"experimant"'),
    /line 1: experiment is missing/,
  ],
  [
    'what is no text',
    path => writeFileSync(path, Buffer.from([0x1f, 0x8b, 0, 8, 10, 0, 3, 10])),
    /line 1: it is not text/,
  ],
  [
    'a trial that stands there twice',
    path => writeFileSync(path, readFileSync(path, 'utf8').replace(/^(.*"state":"completed".*\n)/m, '$1$1')),
    /the trial \S+ a second time in line 3/,
  ],
  ['another file', path => writeFileSync(path, 'name: quick\n'), /line 1: it is not JSON/],
  [
    'a folder',
    path => {
      rmSync(path);
      mkdirSync(path);
    },
    /it is a folder; give the trials\.jsonl in it/,
  ],
  ['a header that was cut off', path => truncateSync(path, 20), /no header: it is cut off in line 1/],
  ['an empty file', path => truncateSync(path, 0), /no header: it is empty/],
  ['no file', path => rmSync(path), /cannot be read/],
];
for (const [what, damage, message] of damages) {
  test(`${what} is refused, with the file and where`, () => {
    withFile(path => {
      damage(path);
      assert.throws(() => readTrials(path), { code: 'results-unreadable', message });
      assert.throws(
        () => readTrials(path),
        ({ message }: Error) => message.includes(path),
      );
    });
  });
}

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
