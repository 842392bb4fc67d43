import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { RequestLog } from './request-log.ts';

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

function begin(longest?: number) {
  lines = [];
  said = [];
  const options = { onLine: (line: string) => void lines.push(line), say: (line: string) => void said.push(line) };
  log = new RequestLog(path, longest === undefined ? options : { ...options, longest });
}

/** What was read since this was last asked. */
function read(looks = 1): string[] {
  for (let look = 0; look < looks; look++) log.look();
  return lines.splice(0);
}

test('what was written before the first look is not read, what comes after it is', () => {
  writeFileSync(path, 'old\n');
  assert.deepEqual(read(), []);
  appendFileSync(path, 'one\ntwo\n');
  assert.deepEqual(read(), ['one', 'two']);
  assert.deepEqual(read(), []);
});

test('a file that comes later is read from its beginning', () => {
  assert.deepEqual(read(), []);
  writeFileSync(path, 'one\n');
  assert.deepEqual(read(), ['one']);
});

test('a line is read when its end is there', () => {
  writeFileSync(path, '');
  read();
  appendFileSync(path, 'one\ntw');
  assert.deepEqual(read(), ['one']);
  appendFileSync(path, 'o');
  assert.deepEqual(read(), []);
  appendFileSync(path, '\nthree\n');
  assert.deepEqual(read(), ['two', 'three']);
});

test('a file that somebody else cut short is read from its beginning, without the half line of before', () => {
  writeFileSync(path, '');
  read();
  appendFileSync(path, 'one\nhalf of a li');
  read();
  truncateSync(path);
  appendFileSync(path, 'two\n');
  assert.deepEqual(read(), ['two']);
});

test('a file that was moved away is read to its end, and then the one in its place', () => {
  writeFileSync(path, '');
  read();
  appendFileSync(path, 'one\n');
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'two\n');
  assert.deepEqual(read(), ['one', 'two']);
  writeFileSync(path, 'three\n');
  appendFileSync(`${path}.1`, 'still written to\n');
  assert.deepEqual(read(10), ['still written to', 'three']);
  appendFileSync(path, 'four\n');
  assert.deepEqual(read(), ['four']);
});

test('a file that was moved away is read on while there is no other', () => {
  writeFileSync(path, '');
  read();
  renameSync(path, `${path}.1`);
  read(20);
  appendFileSync(`${path}.1`, 'one\n');
  assert.deepEqual(read(), ['one']);
  assert.deepEqual(said, []);
});

test('a file of more than 16 MB is read to its end and cut to nothing, and what is appended is read', () => {
  writeFileSync(path, '');
  read();
  const line = 'x'.repeat(99);
  appendFileSync(path, `${line}\n`.repeat(160_000));
  assert.equal(read().length, 160_000);
  assert.equal(statSync(path).size, 16_000_000, '16,000,000 bytes are no 16 MB');
  appendFileSync(path, `${line}\n`.repeat(8000));
  appendFileSync(path, 'half');
  const more = read();
  assert.deepEqual([more.length, more.every(one => one === line)], [8000, true]);
  assert.equal(statSync(path).size, 0);
  appendFileSync(path, ' and half\nnext\n');
  assert.deepEqual(read(), ['half and half', 'next']);
});

test('a file that is too long when it is first looked at is cut short at once', () => {
  writeFileSync(path, 'old\n'.repeat(100));
  begin(300);
  assert.deepEqual(read(), []);
  assert.equal(statSync(path).size, 0);
});

test('a line that has no end is passed over, and held no longer', () => {
  writeFileSync(path, '');
  read();
  for (let piece = 0; piece < 20; piece++) {
    appendFileSync(path, 'x'.repeat(100_000));
    assert.deepEqual(read(), []);
  }
  appendFileSync(path, 'end of it\nnext\n');
  assert.deepEqual(read(), ['next']);
});

test('a log that is not there for a minute is told of once, and read when it comes', () => {
  read(599);
  assert.deepEqual(said, []);
  read(100);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /^nginx's log of requests cannot be read, so no answer is seen: ENOENT.*live\.log/);
  writeFileSync(path, 'one\n');
  assert.deepEqual(read(), ['one']);
});
