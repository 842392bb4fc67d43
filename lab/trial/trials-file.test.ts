import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { experimentOf, trialAt, waitOn } from '../analysis/testdata/cells.ts';
import { nothingMeasured } from '../analysis/testdata/simulated-service.ts';
import type { TrialResult } from '../experiment/trial-result.ts';
import { readTrials, TrialsFile } from './trials-file.ts';

const cell = waitOn('sync');
const header = { experiment: experimentOf([cell]), runtime: 'simulated', environment: { cpus: 2, node: 'v24' } };
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
  withFile(path => assert.deepEqual(readTrials(path), { ...header, results, cutOff: false }));
});

test('numbers that JSON does not have survive', () => {
  withFile(path => {
    const odd = { ...measurement, offeredLoad: Number.NaN, throughput: Number.POSITIVE_INFINITY };
    rmSync(path);
    using file = TrialsFile.create(path, header);
    file.append({ state: 'completed', trial: trialAt(10, cell), elapsed: 1, measurement: odd });
    const [result] = readTrials(path).results;
    assert.deepEqual(result?.state === 'completed' && result.measurement, odd);
  });
});

test('a file that was cut in half anywhere in its last line keeps the whole lines and says so', () => {
  withFile(path => {
    const text = readFileSync(path, 'utf8');
    const lastLine = text.lastIndexOf('\n', text.length - 2) + 1;
    for (const length of [text.length - 1, text.length - 2, lastLine + 1]) {
      truncateSync(path, length);
      assert.deepEqual(readTrials(path), { ...header, results: results.slice(0, 2), cutOff: true });
    }
  });
});

const damages: [what: string, damage: (path: string) => void, line: RegExp][] = [
  ['a line that is not JSON', path => appendFileSync(path, '{"state":"comp\n'), /line 5/],
  ['a line that is no result', path => appendFileSync(path, '{"state":"lost"}\n'), /line 5/],
  ['an empty line', path => appendFileSync(path, '\n'), /line 5/],
  [
    'another version',
    path => writeFileSync(path, readFileSync(path, 'utf8').replace('"schema":1', '"schema":2')),
    /line 1/,
  ],
  ['a header that was cut off', path => truncateSync(path, 20), /no header/],
  ['an empty file', path => truncateSync(path, 0), /no header/],
  ['no file', path => rmSync(path), /cannot be read/],
];
for (const [what, damage, message] of damages) {
  test(`${what} is refused, with the file and where`, () => {
    withFile(path => {
      damage(path);
      assert.throws(
        () => readTrials(path),
        error => {
          assert.ok(error instanceof Error);
          assert.match(error.message, message);
          assert.ok(error.message.includes(path));
          assert.equal((error as { code?: string }).code, 'results-unreadable');
          return true;
        },
      );
    });
  });
}

test('a file that is there already is not written over', () => {
  withFile(path => assert.throws(() => TrialsFile.create(path, header), { code: 'folder-unwritable' }));
});
