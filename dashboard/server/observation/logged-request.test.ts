import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestIn } from './logged-request.ts';

/** A line as nginx writes it, with one field or another in place of what it has. */
function line(fields: Partial<Record<'msec' | 'port' | 'status' | 'time' | 'dot' | 'worker' | 'timing', string>> = {}) {
  const whole = {
    msec: '1764234567.123',
    port: '8085',
    status: '200',
    time: '0.021',
    dot: '417',
    worker: 'hybrid-2.1',
    timing: 'db;dur=20.125, app;dur=21.500',
    ...fields,
  };
  return Object.values(whole).join('\t');
}

const whole = {
  endedAt: 1764234567.123,
  port: 8085,
  status: 200,
  responseTime: 0.021,
  dot: 417,
  worker: 'hybrid-2.1',
  app: 0.0215,
  databaseWait: 0.020125,
};

test('a line tells when a request ended, how, and who answered; its times are in seconds', () => {
  assert.deepEqual(requestIn(line()), whole);
});

test('a request that no worker answered has no worker and took none of its time', () => {
  assert.deepEqual(requestIn(line({ status: '502', dot: '-', worker: '-', timing: '-' })), {
    ...whole,
    status: 502,
    dot: undefined,
    worker: undefined,
    app: 0,
    databaseWait: 0,
  });
});

for (const dot of [
  '-',
  '',
  '0',
  '-1',
  '1.5',
  '1e3',
  '0x10',
  '007',
  ' 7',
  '7, 8',
  '9007199254740993',
  '\\x22',
  '9'.repeat(8000),
]) {
  test(`${JSON.stringify(dot.slice(0, 20))} is no dot, and the request counts`, () => {
    assert.deepEqual(requestIn(line({ dot })), { ...whole, dot: undefined });
  });
}

for (const timing of [
  '-',
  'app;dur=21.5',
  'db;dur=x, app;dur=1',
  'db;dur=-1, app;dur=1',
  'db;dur=1e9, app;dur=1',
  'db;dur=Infinity, app;dur=1',
]) {
  test(`a timing of ${timing} is none`, () => {
    assert.deepEqual(requestIn(line({ timing })), { ...whole, app: 0, databaseWait: 0 });
  });
}

const broken: [why: string, line: string][] = [
  ['is empty', ''],
  ['has lost its end', line().slice(0, -35)],
  ['has one field too many', `${line()}\t-`],
  ['has no moment', line({ msec: '-' })],
  ['has no port', line({ port: 'x' })],
  ['has no response time', line({ time: '-' })],
];

for (const [why, text] of broken) {
  test(`a line that ${why} tells of no request`, () => {
    assert.equal(requestIn(text), undefined);
  });
}
