import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseLoggedRequest, RequestLog } from './request-log.ts';

/** A line as nginx writes it, with other values in some fields. */
function line(fields: Partial<Record<'msec' | 'port' | 'status' | 'time' | 'dot' | 'worker' | 'timing', string>> = {}) {
  const usual = { msec: '1764234567.123', port: '8085', status: '200', time: '0.021', dot: '417' };
  const worker = { worker: 'hybrid-2.1', timing: 'db;dur=20.125, app;dur=21.500' };
  return Object.values({ ...usual, ...worker, ...fields }).join('\t');
}

const parsed = {
  ...{ endedAt: 1764234567.123, port: 8085, status: 200, responseTime: 0.021 },
  ...{ dot: 417, worker: 'hybrid-2.1', app: 0.0215, databaseWait: 0.020125 },
};
const unanswered = { ...parsed, status: 502, dot: undefined, worker: undefined, app: 0, databaseWait: 0 };

test('a line says when a request ended, how, and which worker answered, in seconds', () => {
  assert.deepEqual(parseLoggedRequest(line()), parsed);
  assert.deepEqual(parseLoggedRequest(line({ status: '502', dot: '-', worker: '-', timing: '-' })), unanswered);
});

test('a request with a strange dot or timing counts without it', () => {
  const dots = ['', '0', '-1', '1.5', '1e3', '0x10', '007', ' 7', '9007199254740993', '\\x22', '9'.repeat(8000)];
  for (const dot of dots) assert.deepEqual(parseLoggedRequest(line({ dot })), { ...parsed, dot: undefined }, dot);
  for (const timing of ['app;dur=21.5', 'db;dur=x, app;dur=1', 'db;dur=-1, app;dur=1', 'db;dur=1e9, app;dur=1']) {
    assert.deepEqual(parseLoggedRequest(line({ timing })), { ...parsed, app: 0, databaseWait: 0 }, timing);
  }
});

test('a line that is not whole is no request', () => {
  const broken = [
    '',
    line().slice(0, -35),
    `${line()}\t-`,
    line({ msec: '-' }),
    line({ port: 'x' }),
    line({ time: '-' }),
  ];
  for (const text of broken) assert.equal(parseLoggedRequest(text), undefined, text);
});

let folder: string;
let path: string;
let log: RequestLog;
let lines: string[];
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-log-'));
  path = join(folder, 'live.log');
  begin();
});

afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

function begin(longest?: number): void {
  [lines, said] = [[], []];
  const options = { onLine: (line: string) => void lines.push(line), say: (line: string) => void said.push(line) };
  log = new RequestLog(path, longest === undefined ? options : { ...options, longest });
}

/** What so many looks read. */
function read(looks = 1): string[] {
  for (let look = 0; look < looks; look++) log.look();
  return lines.splice(0);
}

test('what is written after the first look is read, line by line', () => {
  writeFileSync(path, 'old\n');
  assert.deepEqual(read(), []);
  appendFileSync(path, 'one\ntw');
  assert.deepEqual(read(), ['one']);
  appendFileSync(path, 'o\nthree\n');
  assert.deepEqual(read(), ['two', 'three']);
  assert.deepEqual(read(), []);
});

test('a log that does not exist for a minute is told once, and read from its beginning when it comes', () => {
  read(599);
  assert.deepEqual(said, []);
  read(100);
  assert.equal(said.length, 1);
  writeFileSync(path, 'one\n');
  assert.deepEqual(read(), ['one']);
});

test('a truncated file is read from its beginning, without the half line of before', () => {
  writeFileSync(path, '');
  read();
  appendFileSync(path, 'one\nhalf of a li');
  read();
  truncateSync(path);
  appendFileSync(path, 'two\n');
  assert.deepEqual(read(), ['two']);
});

test('a file that was moved away is read until another takes its place', () => {
  writeFileSync(path, '');
  read();
  renameSync(path, `${path}.1`);
  read(20);
  appendFileSync(`${path}.1`, 'one\n');
  assert.deepEqual(read(), ['one']);
  writeFileSync(path, 'two\n');
  appendFileSync(`${path}.1`, 'still written to\n');
  assert.deepEqual(read(10), ['still written to', 'two']);
  assert.deepEqual(said, []);
});

test('a file of more than 16 MB is read to its end and truncated, and what is appended is read', () => {
  writeFileSync(path, '');
  read();
  const text = `${'x'.repeat(99)}\n`;
  appendFileSync(path, text.repeat(160_000));
  assert.deepEqual([read().length, statSync(path).size], [160_000, 16_000_000]);
  appendFileSync(path, text.repeat(8000));
  appendFileSync(path, 'half');
  assert.deepEqual([read().length, statSync(path).size], [8000, 0]);
  appendFileSync(path, ' and half\nnext\n');
  assert.deepEqual(read(), ['half and half', 'next']);
  log.close();
  begin(10);
  assert.deepEqual([read(), statSync(path).size], [[], 0], 'at the first look too');
});

test('a line without an end is dropped', () => {
  writeFileSync(path, '');
  read();
  appendFileSync(path, 'x'.repeat(2_000_000));
  assert.deepEqual(read(), []);
  appendFileSync(path, '\nnext\n');
  assert.equal(read().at(-1), 'next');
});
