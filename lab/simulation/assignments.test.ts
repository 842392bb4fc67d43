import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assignments } from './assignments.ts';
import { Random } from './random.ts';

/** By looking at every worker. */
function fewestFrom(counts: readonly number[], turn: number): number {
  const order = counts.map((_, step) => (turn + step) % counts.length);
  return order.reduce((best, worker) => ((counts[worker] ?? 0) < (counts[best] ?? 0) ? worker : best), turn);
}

for (const workers of [1, 2, 3, 7, 8, 64, 100]) {
  test(`of ${workers} workers that with fewest is found, of equal ones the next in turn`, () => {
    const assignments = new Assignments(workers);
    const counts = Array<number>(workers).fill(0);
    const random = new Random(workers);
    for (let step = 0; step < 2000; step++) {
      const turn = Math.floor(random.next() * workers);
      assert.equal(assignments.fewestFrom(turn), fewestFrom(counts, turn));
      const worker = Math.floor(random.next() * workers);
      const more = (counts[worker] ?? 0) > 0 && random.next() < 0.5 ? -1 : 1;
      counts[worker] = (counts[worker] ?? 0) + more;
      assignments.add(worker, more);
      assert.equal(assignments.of(worker), counts[worker]);
    }
  });
}
