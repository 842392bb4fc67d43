import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { ageNames, sizeNames } from './dot-looks.ts';
import { stageLayout } from './layout.ts';
import { MOST_DRAWN, Motion } from './motion.ts';
import { arrival, clockAt, completion, ToldReplay, type ToldRequest } from './testdata/told.ts';

const layout = stageLayout(1280, 460, [
  { id: 'sync', deployment: deploymentOf('sync', 2), top: 40, height: 160 },
  { id: 'hybrid', deployment: deploymentOf('hybrid', 2), top: 260, height: 160 },
]);
const [sync, hybrid] = layout.lanes;
if (sync === undefined || hybrid === undefined) throw new Error('two deployments are on the stage');

/** What is drawn frame by frame from one moment to another, sixty times a second. */
function* frames(told: ToldReplay, from: number, to: number) {
  const motion = new Motion();
  for (let moment = from; moment < to; moment += 1 / 60) {
    motion.move(told.show(moment), layout, clockAt(moment + 1));
    yield { moment, motion, x: motion.x[0] ?? 0, y: motion.y[0] ?? 0 };
  }
}

test('a dot moves from the clients to the load balancer, to its worker and back, without a jump', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, id: 'hybrid', sentAt: 2, worker: 1, begunAt: 2.4, endedAt: 2.9 };
  told.tell(2.5, { arrivals: [arrival(request)] });
  let before: { x: number; y: number } | undefined;
  let isTold = false;
  const seenAt = new Map<number, number>();
  for (const { moment, motion, x, y } of frames(told, 1.69, 3.39)) {
    if (!isTold && moment > 2) {
      told.tell(3.05, { completions: [completion(request)] });
      isTold = true;
    }
    if (motion.count === 0) continue;
    if (before !== undefined) assert.ok(Math.hypot(x - before.x, y - before.y) < 100, `a jump at ${moment}`);
    before = { x, y };
    seenAt.set(Math.round(moment * 10) / 10, x);
  }
  const gate = hybrid.balancer.left + hybrid.balancer.width;
  assert.ok((seenAt.get(1.8) ?? 0) < gate - 200, 'on its way');
  assert.ok(Math.abs((seenAt.get(2.2) ?? 0) - hybrid.queue.right) < 2, 'first of those that wait');
  const loop = hybrid.workers[1];
  assert.ok(loop !== undefined && Math.abs((seenAt.get(2.7) ?? 0) - loop.x) <= loop.radius, 'with its worker');
  assert.ok((seenAt.get(3.3) ?? 0) < gate, 'on its way back');
});

test('those that wait stand in rows without gaps, and what finds no room is counted', () => {
  const told = new ToldReplay();
  const { rows, columns, pitch, right, top } = sync.queue;
  const room = rows * columns;
  const sent = Array.from({ length: room + 50 }, (_, index) => ({ dot: index + 1, sentAt: 2 + index / 10_000 }));
  told.tell(2.1, { arrivals: sent.map(arrival) });
  const motion = new Motion();
  motion.move(told.show(5), layout, clockAt(6));
  const { waiting, hidden } = motion.lanes.get('sync') ?? {};
  assert.deepEqual({ count: motion.count, waiting, hidden }, { count: room, waiting: room + 50, hidden: 50 });
  const places = new Set<string>();
  for (let dot = 0; dot < room; dot++) {
    const column = Math.round((right - (motion.x[dot] ?? 0)) / pitch);
    const row = Math.round(((motion.y[dot] ?? 0) - top) / pitch);
    assert.ok(column >= 0 && column < columns && row >= 0 && row < rows);
    places.add(`${column}/${row}`);
  }
  assert.equal(places.size, room);
});

test('a blocking worker’s request sits on its seat, large, and the requests of a loop each on a seat of its own', () => {
  const told = new ToldReplay();
  const requests: ToldRequest[] = [
    { dot: 1, id: 'sync', sentAt: 2, worker: 1, begunAt: 2, databaseWait: 0.9, endedAt: 2.9 },
    ...Array.from({ length: 20 }, (_, index) => ({
      dot: 2 + index,
      id: 'hybrid' as const,
      sentAt: 2,
      worker: 0,
      begunAt: 2,
      databaseWait: 0.9,
      endedAt: 2.9,
    })),
  ];
  told.tell(2.95, { arrivals: requests.map(arrival), completions: requests.map(completion) });
  let last: Motion | undefined;
  for (const { motion } of frames(told, 1.95, 2.6)) last = motion;
  const seat = sync.workers[1];
  assert.deepEqual([last?.x[0], last?.y[0]], [Math.fround(seat?.x ?? 0), Math.fround(seat?.y ?? 0)]);
  assert.equal(last?.look[0], sizeNames.indexOf('large') * ageNames.length + ageNames.indexOf('late'));
  const places = Array.from({ length: 20 }, (_, index) => `${last?.x[1 + index]}/${last?.y[1 + index]}`);
  assert.equal(new Set(places).size, 20);
});

test('what falls out of the picture ends within its lane, from whichever row it falls', () => {
  const told = new ToldReplay();
  const requests = Array.from({ length: 7 * sync.queue.rows }, (_, index) => ({
    dot: index + 1,
    sentAt: 2 + index / 10_000,
    worker: -1,
    endedAt: 2.5,
    status: 503,
  }));
  told.tell(2.1, { arrivals: requests.map(arrival) });
  let isTold = false;
  let lowest = 0;
  for (const { moment, motion } of frames(told, 1.69, 4)) {
    if (!isTold && moment > 2.3) {
      told.tell(moment + 1, { completions: requests.map(completion) });
      isTold = true;
    }
    for (let dot = 0; dot < motion.count; dot++) lowest = Math.max(lowest, motion.y[dot] ?? 0);
  }
  const bottom = sync.band.top + sync.band.height;
  assert.ok(lowest > sync.balancer.top + sync.balancer.height && lowest <= bottom, `${lowest} of ${bottom}`);
});

test('after a pause everything is where it belongs at once', () => {
  const told = new ToldReplay();
  told.tell(2.1, { arrivals: [arrival({ dot: 1, sentAt: 2 })] });
  const motion = new Motion();
  motion.move(told.show(1.8), layout, clockAt(2.8));
  motion.move(told.show(30), layout, clockAt(31));
  assert.equal(motion.x[0], Math.fround(sync.queue.right));
});

test('no more is drawn than can be drawn in time', () => {
  const told = new ToldReplay();
  const returning = Array.from({ length: 4000 }, (_, index) => ({
    dot: index + 1,
    sentAt: 2,
    begunAt: 2.2,
    endedAt: 2.3,
  }));
  told.tell(2.4, { arrivals: returning.map(arrival), completions: returning.map(completion) });
  const motion = new Motion();
  motion.move(told.show(2.4), layout, clockAt(3.4));
  assert.equal(motion.count, MOST_DRAWN);
});

test('dots of a deployment that is not on the stage are not drawn', () => {
  const told = new ToldReplay();
  told.tell(2.1, { arrivals: [arrival({ dot: 1, id: 'threads', sentAt: 2 })] });
  const motion = new Motion();
  motion.move(told.show(2.5), layout, clockAt(3.5));
  assert.equal(motion.count, 0);
});
