import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrival, completion, seen, ToldReplay, type ToldRequest } from './testdata/told.ts';

/** Tells every fifth of a second from 2 s to 6 s how many requests the workers of a deployment hold. */
function tellLooks(told: ToldReplay, id: 'sync' | 'hybrid', held: readonly number[]): void {
  for (let now = 2.2; now < 6; now += 0.2) {
    told.tell(now, { workers: { [id]: held.map(inProgress => seen({ inProgress, connectionsInUse: 1 })) } });
    told.show(now - 1);
  }
}

const sentTo = (id: 'sync' | 'hybrid', count: number): ToldRequest[] =>
  Array.from({ length: count }, (_, index) => ({ dot: index + 1, id, sentAt: 2 + index / 1000 }));

test('requests that take longer than the replay’s delay are with the loops that count them, the longest waiting first', () => {
  const told = new ToldReplay();
  told.tell(2.1, { arrivals: sentTo('hybrid', 10).map(arrival) });
  tellLooks(told, 'hybrid', [3, 4]);
  const { dots } = told.show(5);
  const numbers = (worker: number) => dots.filter(dot => dot.worker === worker).map(({ number }) => number);
  assert.deepEqual(
    [...numbers(0), ...numbers(1)].sort((one, other) => one - other),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.equal(numbers(0).length, 3);
  assert.ok(dots.filter(({ worker }) => worker >= 0).every(({ phase }) => phase === 'database'));
  assert.ok(dots.filter(({ worker }) => worker < 0).every(({ phase }) => phase === 'waiting'));
});

test('a blocking worker that is at work for long has one of those that wait, and the others wait on', () => {
  const told = new ToldReplay();
  told.tell(2.1, { arrivals: sentTo('sync', 5).map(arrival) });
  tellLooks(told, 'sync', [1]);
  assert.deepEqual(
    told.show(5).dots.map(({ worker, phase }) => [worker, phase]),
    [[0, 'database'], ...Array.from({ length: 4 }, () => [-1, 'waiting'])],
  );
});

test('where a dot stands for several requests as many dots are held as stand for those that are', () => {
  const told = new ToldReplay(4);
  told.tell(2.1, { arrivals: sentTo('hybrid', 10).map(arrival) });
  tellLooks(told, 'hybrid', [21]);
  assert.equal(told.show(5).dots.filter(({ worker }) => worker === 0).length, 5);
});

test('a worker that holds no more than is known to be with it gets nobody', () => {
  const told = new ToldReplay();
  const known: ToldRequest[] = Array.from({ length: 40 }, (_, index) => ({
    dot: 100 + index,
    sentAt: 2 + index * 0.1,
    begunAt: 2 + index * 0.1,
    endedAt: 2.1 + index * 0.1,
  }));
  told.tell(2.1, { arrivals: [...sentTo('sync', 3), ...known].map(arrival), completions: known.map(completion) });
  tellLooks(told, 'sync', [1]);
  assert.ok(told.show(4.85).dots.every(({ number, worker }) => number >= 100 || worker === -1));
});

test('a dot that was held goes over to its own worker when its end is told, and returns from there', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, id: 'hybrid', sentAt: 2 };
  told.tell(2.1, { arrivals: [arrival(request)] });
  tellLooks(told, 'hybrid', [1, 0]);
  told.tell(6.3, { completions: [completion({ ...request, worker: 1, begunAt: 2, databaseWait: 4, endedAt: 6 })] });
  assert.deepEqual([told.see(1, 5.9)?.phase, told.see(1, 5.9)?.worker], ['database', 1]);
  assert.equal(told.see(1, 6.1)?.phase, 'returning');
});
