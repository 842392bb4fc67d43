import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { PoissonArrivals } from '../../model/poisson-arrivals.ts';
import { createRandom } from '../../model/random.ts';
import { SimulatedTime } from '../testdata/simulated-time.ts';
import { Arrivals } from './arrivals.ts';

test('every arrival is sent when it is due, until the end', async context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 100, end: 5 });
  const over = arrivals.run();
  await time.pass(6);
  await over;
  const due = listDue(100, 5);
  assert.deepEqual(
    sent.map(({ intended }) => intended),
    due,
  );
  assert.ok(sent.every(({ intended, at }) => at >= intended && at - intended < 0.0021));
});

test('another rate holds from the moment of the change, and a rate of 0 sends nothing', async context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 0 });
  await time.pass(1);
  assert.equal(sent.length, 0);
  arrivals.changeRate(500);
  await time.pass(4);
  const before = sent.length;
  assert.ok(Math.abs(before - 2000) < 3 * Math.sqrt(2000), `${before} were sent`);
  arrivals.changeRate(0);
  await time.pass(1);
  assert.equal(sent.length, before);
});

test('a rate that holds already moves no arrival', async context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 100, end: 2 });
  arrivals.run();
  for (let times = 0; times < 25; times++) {
    await time.pass(0.1);
    arrivals.changeRate(100);
  }
  assert.deepEqual(
    sent.map(({ intended }) => intended),
    listDue(100, 2),
  );
});

test('arrivals that are behind are sent in turns, between which others come', async context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 100, costOfSend: 1 / 128 });
  time.work(1);
  arrivals.run();
  // In turns of 20 ms.
  const sentByTurn = [sent.length];
  setTimeout(() => sentByTurn.push(sent.length));
  await time.pass(0.001);
  assert.deepEqual(sentByTurn, [3, 6]);
});

test('what is behind when the rate changes is left out, but for a turn of it', context => {
  const leftOut: number[] = [];
  const { arrivals, sent, time } = simulateArrivals(context, {
    arrivalRate: 100,
    costOfSend: 1 / 128,
    leaveOut: intended => leftOut.push(intended),
  });
  time.work(1);
  arrivals.changeRate(0);
  assert.deepEqual([...sent.map(({ intended }) => intended), ...leftOut], listDue(100, time.now()));
  assert.equal(sent.length, 3);
});

test('what is behind when the rate changes is sent where nobody leaves it out', context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 100 });
  time.work(1);
  arrivals.changeRate(0);
  assert.deepEqual(
    sent.map(({ intended }) => intended),
    listDue(100, 1),
  );
});

test('a stop sends what is due by then and no more, and another rate does not revive it', async context => {
  const { arrivals, sent, time } = simulateArrivals(context, { arrivalRate: 100, end: 9 });
  const over = arrivals.run();
  await time.pass(0.5);
  time.work(0.5);
  arrivals.stop();
  await over;
  assert.deepEqual(
    sent.map(({ intended }) => intended),
    listDue(100, time.now()),
  );
  arrivals.changeRate(1000);
  await time.pass(1);
  assert.equal(sent.length, listDue(100, 1).length);
});

interface Simulated {
  readonly arrivalRate: number;
  readonly end?: number;
  /** Seconds. */
  readonly costOfSend?: number;
  readonly leaveOut?: (intended: number) => void;
}

function simulateArrivals(context: TestContext, { arrivalRate, end, costOfSend = 0, leaveOut }: Simulated) {
  const time = new SimulatedTime(context);
  const sent: { intended: number; at: number }[] = [];
  const arrivals = new Arrivals(new PoissonArrivals(createRandom(1, 1, 'arrivals'), arrivalRate), {
    now: time.now,
    send: intended => {
      sent.push({ intended, at: time.now() });
      time.work(costOfSend);
    },
    ...(end !== undefined && { end }),
    ...(leaveOut !== undefined && { leaveOut }),
  });
  return { arrivals, sent, time };
}

/** The intended sends before `end`, drawn again. */
function listDue(arrivalRate: number, end: number): number[] {
  const process = new PoissonArrivals(createRandom(1, 1, 'arrivals'), arrivalRate);
  const due: number[] = [];
  while (process.due < end) due.push(process.take());
  return due;
}
