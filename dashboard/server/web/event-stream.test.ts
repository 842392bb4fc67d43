import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Frame, Mark } from '../../protocol.ts';
import { Stage } from '../testdata/stage.ts';
import { serve, until, type Watching } from '../testdata/watching.ts';
import { EventStream } from './event-stream.ts';

/** About 60 kB; the system buffers less than some hundreds of them. */
const large: Frame = {
  now: 1000,
  arrivals: Array.from({ length: 1500 }, (_, dot) => ['hybrid', dot + 1_000_000, 1000.123456]),
  completions: [],
};
const LARGE = JSON.stringify(large).length;
const small: Frame = { now: 1001, arrivals: [], completions: [] };
const mark: Mark = { time: 1001, kind: 'database-away' };
const { state } = new Stage().director;

/** Seconds in a hello. */
let history: number;
let pages: string[];
let stream: EventStream;
let server: Awaited<ReturnType<typeof serve>>;

beforeEach(async () => {
  [history, pages] = [0, []];
  stream = new EventStream({
    hello: () => {
      const seconds = Array.from({ length: history }, (_, time) => ({ time, deployments: {}, cpu: 0.123456 }));
      return { started: 999, now: 1000, stage: [], cpus: 2, state, seconds, marks: [] };
    },
    onCome: isNew => void pages.push(isNew ? 'new' : 'again'),
    onLeave: () => void pages.push('left'),
  });
  server = await serve(stream, { 'x-content-type-options': 'nosniff' });
});
afterEach(() => {
  stream.close();
  server.close();
});

async function reader(path?: string): Promise<Watching> {
  const watching = await server.watch(path);
  watching.read();
  await until(() => watching.received.length > 0);
  return watching;
}

/** Sends frames until the buffers of a page are full, and some more; the most bytes that were kept for it. */
async function overfill(response: ServerResponse): Promise<number> {
  let most = 0;
  for (let full = 0; full < 20; full = response.writableNeedDrain ? full + 1 : 0) {
    stream.send('frame', large);
    most = Math.max(most, response.writableLength);
    await setImmediate();
  }
  return most;
}

const listEvents = ({ received }: Watching) => received.map(({ event }) => event);

test('a page gets a hello, and then the events', async () => {
  const page = await reader();
  stream.send('frame', small);
  stream.send('mark', mark);
  await until(() => page.received.length === 3);
  assert.deepEqual(listEvents(page), ['hello', 'frame', 'mark']);
  assert.deepEqual(JSON.parse(page.received[1]?.data ?? ''), small);
  const { 'content-type': type, 'x-accel-buffering': buffering, 'x-content-type-options': options } = page.headers;
  assert.deepEqual([type, buffering, options], ['text/event-stream', 'no', 'nosniff']);
  page.leave();
  await until(() => stream.watchers === 0);
  await reader('/?again');
  assert.deepEqual(pages, ['new', 'left', 'again']);
});

test('a page that does not read costs one frame of memory, and is dropped after half a minute', async () => {
  const { response } = await server.watch();
  const other = await reader();
  const most = await overfill(response);
  const limit = response.writableHighWaterMark + LARGE + 100;
  assert.ok(most <= limit, `${most} bytes were kept, more than ${limit}`);
  for (let second = 1; second <= 30; second += 1) stream.dropSilent();
  assert.equal(response.destroyed, false);
  stream.dropSilent();
  await until(() => stream.watchers === 1);
  stream.send('mark', mark);
  await until(() => listEvents(other).at(-1) === 'mark');
});

test('a page that reads again is greeted again', async () => {
  const page = await server.watch();
  await overfill(page.response);
  page.read();
  await until(() => listEvents(page).at(-1) === 'hello');
  for (let second = 1; second <= 60; second += 1) stream.dropSilent();
  stream.send('mark', mark);
  await until(() => listEvents(page).at(-1) === 'mark');
  assert.deepEqual(listEvents(page).slice(-3), ['frame', 'hello', 'mark']);
});

test('behind a long history a page misses frames alone, and is not greeted again', async () => {
  history = 300_000;
  const page = await server.watch();
  assert.ok(page.response.writableNeedDrain);
  stream.send('frame', small);
  stream.send('second', { time: 1001, deployments: {}, cpu: 0.5 });
  stream.send('mark', mark);
  page.read();
  await until(() => listEvents(page).at(-1) === 'mark');
  await until(() => !page.response.writableNeedDrain);
  stream.send('frame', small);
  await until(() => listEvents(page).at(-1) === 'frame');
  assert.deepEqual(listEvents(page), ['hello', 'second', 'mark', 'frame']);
});

test('a hundred pages may be open', async () => {
  const [first] = await Promise.all(Array.from({ length: 100 }, () => server.watch()));
  assert.throws(() => stream.open(first?.response as ServerResponse, {}, true), { name: 'Refusal', status: 503 });
  stream.close();
  await until(() => stream.watchers === 0);
});
