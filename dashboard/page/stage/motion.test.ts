import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { chooseLook, dotShapes } from './dot-looks.ts';
import { layOutStage } from './layout.ts';
import { MOST_DRAWN, Motion } from './motion.ts';
import { clockAt, ToldReplay, type ToldRequest } from './testdata/told.ts';

const layout = layOutStage(1280, 460, [
  { id: 'sync', deployment: deploymentOf('sync', 2), top: 40, height: 160 },
  { id: 'hybrid', deployment: deploymentOf('hybrid', 2), top: 260, height: 160 },
]);
const [sync, hybrid] = layout.lanes;
if (sync === undefined || hybrid === undefined) throw new Error('two deployments are on the stage');

/** The stage frame by frame from one time to another, sixty times a second; `ended` becomes known at `toldAt`. */
function* play(told: ToldReplay, from: number, to: number, ended: readonly ToldRequest[] = [], toldAt = to) {
  const motion = new Motion();
  let isTold = false;
  for (let time = from; time < to; time += 1 / 60) {
    if (!isTold && time > toldAt) {
      told.tell(time + 1, [], ended);
      isTold = true;
    }
    motion.move(told.show(time), layout, clockAt(time + 1));
    yield { time, motion };
  }
}

test('a dot moves from the clients to the load balancer, to its worker and back, without a jump', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, id: 'hybrid', sentAt: 2, worker: 1, begunAt: 2.4, endedAt: 2.9 };
  told.tell(2.5, [request]);
  const path: { time: number; x: number; y: number }[] = [];
  for (const { time, motion } of play(told, 1.69, 3.39, [request], 2)) {
    for (const { x, y } of motion.drawn) {
      const { x: beforeX, y: beforeY } = path.at(-1) ?? { x, y };
      assert.ok(Math.hypot(x - beforeX, y - beforeY) < 100, `a jump at ${time}`);
      path.push({ time, x, y });
    }
  }
  const xAt = (at: number) => path.find(({ time }) => time > at)?.x ?? assert.fail(`not drawn at ${at}`);
  const gate = hybrid.balancer.left + hybrid.balancer.width;
  assert.ok(xAt(1.8) < gate - 200, 'on its way');
  assert.ok(Math.abs(xAt(2.2) - hybrid.queue.right) < 2, 'first in the queue');
  const { x, radius } = hybrid.workers[1] ?? assert.fail();
  assert.ok(Math.abs(xAt(2.7) - x) <= radius, 'with its worker');
  assert.ok(xAt(3.3) < gate, 'on its way back');
});

test('dots wait in rows without gaps and do not change rows; those without room are counted', () => {
  const told = new ToldReplay();
  const { rows, columns, pitch, right, top } = sync.queue;
  const room = rows * columns;
  const sent = Array.from({ length: room + 50 }, (_, index) => ({ dot: index + 1, sentAt: 2 + index / 10_000 }));
  told.tell(2.1, sent);
  const leaving = sent.filter(({ dot }) => dot % 7 === 0).map(request => ({ ...request, worker: -1, endedAt: 4.5 }));
  const rowsBefore = new Map<unknown, unknown>();
  for (const { time, motion } of play(told, 3, 6, leaving, 4)) {
    const waiting = motion.drawn.filter(({ phase }) => phase === 'waiting');
    for (const body of waiting) assert.equal(rowsBefore.get(body) ?? body.row, body.row);
    for (const body of waiting) rowsBefore.set(body, body.row);
    if (time < 4.4 || (time > 4.49 && time < 5.9)) continue;
    const { hidden = 0 } = motion.lanes.get('sync') ?? {};
    assert.equal(waiting.length + hidden, time > 4.5 ? sent.length - leaving.length : sent.length);
    for (let row = 0; row < rows; row++) {
      const own = waiting.filter(body => body.row === row);
      const expected = own.map((_, place) => [right - place * pitch, top + row * pitch]);
      assert.deepEqual(
        own.map(({ x, y }) => [x, y]),
        expected,
        `row ${row} at ${time}`,
      );
    }
    if (time < 4.5) assert.equal(waiting.length, room);
  }
});

test('a blocking worker’s request sits on its seat, large; those of a loop each have a seat, the outer ring first', () => {
  const told = new ToldReplay();
  const request = { sentAt: 2, begunAt: 2, databaseWait: 0.9, endedAt: 2.9 };
  const looped = Array.from({ length: 20 }, (_, index) => ({ ...request, dot: 2 + index, id: 'hybrid', worker: 0 }));
  const requests: ToldRequest[] = [{ ...request, dot: 1, id: 'sync', worker: 1 }, ...looped];
  told.tell(2.95, requests, requests);
  const { motion } = [...play(told, 1.95, 2.6)].at(-1) ?? assert.fail();
  const [blocked, ...held] = motion.drawn;
  const { x, y } = sync.workers[1] ?? assert.fail();
  assert.deepEqual([blocked?.x, blocked?.y], [x, y]);
  assert.equal(blocked?.look, chooseLook({ age: 1, failed: false, phase: 'database' }, true));
  assert.deepEqual(new Set(held.map(({ seat }) => seat)), new Set(hybrid.workers[0]?.rings[0]?.slice(0, 20)));
});

test('dots that fall end within their lane', () => {
  const told = new ToldReplay();
  const requests = Array.from({ length: 7 * sync.queue.rows }, (_, index) => {
    return { dot: index + 1, sentAt: 2, worker: -1, endedAt: 2.5, status: 503 };
  });
  told.tell(2.1, requests);
  let lowest = 0;
  for (const { motion } of play(told, 1.69, 4, requests, 2.3)) {
    lowest = Math.max(lowest, ...motion.drawn.map(({ y }) => y));
  }
  const bottom = sync.band.top + sync.band.height;
  assert.ok(lowest > sync.balancer.top + sync.balancer.height && lowest <= bottom, `${lowest} of ${bottom}`);
});

test('after a pause everything is where it belongs; what is not on the stage, or too much, is not drawn', () => {
  const told = new ToldReplay();
  told.tell(2.1, [
    { dot: 1, sentAt: 2 },
    { dot: 2, id: 'threads', sentAt: 2 },
  ]);
  const motion = new Motion();
  motion.move(told.show(1.8), layout, clockAt(2.8));
  motion.move(told.show(30), layout, clockAt(31));
  assert.deepEqual(
    motion.drawn.map(({ x }) => x),
    [sync.queue.right],
  );
  const many = Array.from({ length: 4000 }, (_, index) => ({
    dot: 10 + index,
    sentAt: 31,
    begunAt: 31.2,
    endedAt: 31.3,
  }));
  told.tell(32.4, many, many);
  motion.move(told.show(31.4), layout, clockAt(32.4));
  assert.equal(motion.drawn.length, MOST_DRAWN / 2);
});

test('dots of different ages, and failed ones, look different', () => {
  const look = (age: number, failed = false) => chooseLook({ age, failed, phase: 'returning' }, false);
  assert.equal(new Set([look(0.05), look(0.15), look(0.3), look(0.3, true)]).size, Object.keys(dotShapes).length);
  assert.equal(look(0.25), look(0.11), 'the objective is met at just its time');
});
