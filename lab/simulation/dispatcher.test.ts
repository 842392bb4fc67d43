import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf, listWorkers } from '../../model/deployment.ts';
import type { Dispatch } from '../../model/parallelism.ts';
import { Assignments, Dispatcher } from './dispatcher.ts';
import { EventHeap } from './event-heap.ts';
import { Random } from './random.ts';
import { Request } from './request.ts';
import { Worker } from './worker.ts';

test('the worker with fewest requests is found, the next in turn among equals', () => {
  for (const workers of [1, 2, 3, 7, 8, 64, 100]) {
    const assignments = new Assignments(workers);
    const counts = Array<number>(workers).fill(0);
    const random = new Random(workers);
    for (let step = 0; step < 2000; step++) {
      const turn = Math.floor(random.next() * workers);
      const order = counts.map((_, next) => (turn + next) % workers);
      const expected = order.reduce((best, one) => ((counts[one] ?? 0) < (counts[best] ?? 0) ? one : best), turn);
      assert.equal(assignments.fewestFrom(turn), expected);
      const worker = Math.floor(random.next() * workers);
      const more = (counts[worker] ?? 0) > 0 && random.next() < 0.5 ? -1 : 1;
      counts[worker] = (counts[worker] ?? 0) + more;
      assignments.add(worker, more);
    }
  }
});

/** Request numbers that arrive (3) or are answered (-3), and the workers that the arriving ones get. */
const dispatches: [what: string, Dispatch, workers: number, nginx: number, steps: number[], expected: number[]][] = [
  ['ports of their own: the worker with fewest requests', 'least-connections', 3, 1, [1, 2, 3, -2, 4], [0, 1, 2, 1]],
  ['one kept connection: always its worker', 'kept-connections', 3, 1, [1, -1, 2, -2, 3, -3, 4], [0, 0, 0, 0]],
  [
    'kept connections: the last used first, new ones in turn',
    'kept-connections',
    2,
    1,
    [1, 2, 3, -3, 4, 5],
    [0, 1, 0, 0, 1],
  ],
  ['each nginx process has kept connections of its own', 'kept-connections', 2, 2, [2, -2, 3, 4], [0, 1, 0]],
];
for (const [what, dispatch, workers, nginx, steps, expected] of dispatches) {
  test(what, () => {
    const slots = listWorkers(deploymentOf('hybrid', workers)).map(slot => new Worker(slot));
    const dispatcher = new Dispatcher(nginx, slots, dispatch);
    const requests = new Map<number, Request>();
    for (const step of steps) {
      const request = requests.get(-step) ?? Object.assign(new Request(step), { number: step });
      if (step < 0) dispatcher.answered(request);
      else dispatcher.assign(requests.set(step, request).get(step) as Request);
    }
    assert.deepEqual(
      [...requests.values()].map(({ worker }) => worker),
      expected,
    );
  });
}

test('the earliest event comes out, however pushes and pops are mixed', () => {
  const random = new Random(1);
  const heap = new EventHeap();
  const left = new Map<number, number>();
  assert.equal(heap.earliest, Number.POSITIVE_INFINITY);
  for (let event = 0; event < 3000; event++) {
    const time = random.next();
    heap.push(time, event);
    left.set(event, time);
    if (random.next() < 0.6) continue;
    const earliest = Math.min(...left.values());
    assert.equal(heap.earliest, earliest);
    const popped = heap.pop();
    assert.equal(left.get(popped), earliest);
    left.delete(popped);
  }
});

test('draws repeat with their seeds, and have the mean and the variance of their distributions', () => {
  const first = (...seeds: number[]) => new Random(...seeds).next();
  assert.equal(first(7, 1), first(7, 1));
  assert.equal(new Set([first(7, 1), first(7, 2), first(6, 1), first(7), first(1, 7)]).size, 5);
  const random = new Random(3);
  const draws = 200_000;
  for (const [draw, mean, variance] of [
    [() => random.next(), 1 / 2, 1 / 12],
    [() => random.exponential(), 1, 1],
    [() => random.normal(), 0, 1],
  ] as const) {
    const values = Array.from({ length: draws }, draw);
    const average = values.reduce((sum, value) => sum + value, 0) / draws;
    const spread = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / draws;
    assert.ok(Math.abs(average - mean) < 4 * Math.sqrt(variance / draws), `mean ${average}`);
    assert.ok(Math.abs(spread / variance - 1) < 0.03, `variance ${spread}`);
  }
});
