import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Frame, Mark } from '../../protocol.ts';
import { Refusal } from '../parts.ts';
import { Stage } from '../testdata/stage.ts';
import { EventStream } from './event-stream.ts';
import { serve, until, type Watching } from './testdata/watching.ts';

/** About 60 kB: some hundreds of them are more than the system keeps for a connection. */
const large: Frame = {
  now: 1000,
  arrivals: Array.from({ length: 1500 }, (_, dot) => ['hybrid', dot + 1_000_000, 1000.123456]),
  completions: [],
};
const LARGE = JSON.stringify(large).length;
const small: Frame = { now: 1001, arrivals: [], completions: [] };
const mark: Mark = { time: 1001, kind: 'database-away' };
const { state } = new Stage().director;

describe('the event stream', () => {
  let now: number;
  /** Seconds that a hello tells of. */
  let history: number;
  let hellos: number;
  let clients: string[];
  let stream: EventStream;
  let server: Awaited<ReturnType<typeof serve>>;

  beforeEach(async () => {
    [now, history, hellos, clients] = [1000, 0, 0, []];
    stream = new EventStream({
      hello: client => {
        hellos += 1;
        const seconds = Array.from({ length: history }, (_, time) => ({ time, deployments: {}, cpu: 0.123456 }));
        return { client, tag: '', now, stage: [], cpus: 2, state, seconds, marks: [] };
      },
      onCome: (client, isNew) => void clients.push(`${client} came${isNew ? ', new' : ''}`),
      onLeave: client => void clients.push(`${client} left`),
      clock: () => now,
    });
    server = await serve(stream, { 'x-content-type-options': 'nosniff' });
  });
  afterEach(() => {
    stream.close();
    server.close();
  });

  async function reader(id?: string): Promise<Watching> {
    const watching = await server.watch(id);
    watching.read();
    await until(() => watching.received.length > 0);
    return watching;
  }

  /** Sends frames until the watcher's buffers are full, and some more; the most bytes that were kept for it. */
  async function overfill(response: ServerResponse): Promise<number> {
    let most = 0;
    for (let full = 0; full < 20; full = response.writableNeedDrain ? full + 1 : 0) {
      stream.send('frame', large);
      most = Math.max(most, response.writableLength);
      await setImmediate();
    }
    return most;
  }

  const eventsOf = ({ received }: Watching) => received.map(({ event }) => event);

  test('who listens is told who it is, and then what happens', async () => {
    const one = await reader();
    const id = one.received[0]?.id;
    stream.send('frame', small);
    stream.send('mark', mark);
    await until(() => one.received.length === 3);
    assert.deepEqual(eventsOf(one), ['hello', 'frame', 'mark']);
    assert.equal(JSON.parse(one.received[0]?.data ?? '').client, id);
    assert.deepEqual(one.received[1], { event: 'frame', data: '{"now":1001,"arrivals":[],"completions":[]}' });
    assert.match(id ?? '', /^[\da-f-]{36}$/);
    assert.deepEqual(
      ['content-type', 'cache-control', 'x-accel-buffering', 'x-content-type-options'].map(name => one.headers[name]),
      ['text/event-stream', 'no-store', 'no', 'nosniff'],
    );
    one.leave();
    await until(() => stream.watchers === 0);
    assert.deepEqual(clients, [`${id} came, new`, `${id} left`]);
  });

  test('who listens again under its id is who it was, though its old connection is not seen to be gone', async () => {
    const first = await reader();
    const id = first.received[0]?.id ?? '';
    const again = await reader(id);
    await until(() => first.closed);
    assert.equal(again.received[0]?.id, id);
    assert.equal(stream.watchers, 1);
    assert.deepEqual(clients, [`${id} came, new`, `${id} came`]);
  });

  test('what cannot be an id is not taken for one', async () => {
    const { received } = await reader('<script>');
    assert.match(received[0]?.id ?? '', /^[\da-f-]{36}$/);
  });

  test('for a watcher that does not read nothing is kept but one frame, and after half a minute it is cut off', async () => {
    const { response } = await server.watch();
    const other = await reader();
    const most = await overfill(response);
    const limit = response.writableHighWaterMark + LARGE + 100;
    assert.ok(most <= limit, `${most} bytes were kept, more than ${limit}`);

    now += 30;
    stream.settle();
    assert.equal(response.destroyed, false);
    now += 0.1;
    stream.settle();
    await until(() => stream.watchers === 1);
    assert.equal(response.destroyed, true);
    stream.send('mark', mark);
    await until(() => eventsOf(other).at(-1) === 'mark');
  });

  test('a watcher that reads again is greeted again, and gets what happens then', async () => {
    const one = await server.watch();
    await overfill(one.response);
    assert.equal(hellos, 1);
    one.read();
    await until(() => eventsOf(one).at(-1) === 'hello');
    now += 60;
    stream.settle();
    stream.send('mark', mark);
    await until(() => eventsOf(one).at(-1) === 'mark');
    assert.deepEqual(eventsOf(one).slice(-3), ['frame', 'hello', 'mark']);
    assert.equal(hellos, 2);
  });

  test('behind a long history a watcher misses frames and nothing else, and is not greeted again for that', async () => {
    history = 300_000;
    const one = await server.watch();
    assert.ok(one.response.writableNeedDrain);
    stream.send('frame', small);
    stream.send('second', { time: 1001, deployments: {}, cpu: 0.5 });
    stream.send('mark', mark);
    one.read();
    await until(() => eventsOf(one).at(-1) === 'mark');
    stream.send('frame', small);
    await until(() => eventsOf(one).at(-1) === 'frame');
    assert.deepEqual(eventsOf(one), ['hello', 'second', 'mark', 'frame']);
    assert.equal(hellos, 1);
  });

  test('a hundred may watch', async () => {
    const [first] = await Promise.all(Array.from({ length: 100 }, () => server.watch()));
    assert.ok(first);
    assert.throws(
      () => stream.open(first.response, {}),
      new Refusal(503, '100 pages watch already: close one of them.'),
    );
    assert.equal(stream.watchers, 100);
  });

  test('when the stream is closed everybody is let go at once, also who does not read', async () => {
    const [one, other] = [await reader(), await server.watch()];
    await overfill(other.response);
    stream.close();
    await until(() => stream.watchers === 0 && one.closed);
  });
});
