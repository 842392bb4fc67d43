import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentId, Mark } from '../../protocol.ts';
import { joinedMarks } from './joined-marks.ts';

const refused = (time: number, id: DeploymentId, count: number): Mark => ({
  time,
  kind: 'refused',
  id,
  count,
});

test('refusals of several seconds at one deployment are one, with all of them counted', () => {
  const away: Mark = { time: 100, kind: 'database-away' };
  const back: Mark = { time: 105, kind: 'database-back' };
  const marks = [away, refused(101, 'sync', 4), refused(101, 'hybrid', 17), refused(102, 'sync', 5), back];
  assert.deepEqual(joinedMarks([...marks, refused(105, 'sync', 1), refused(105.5, 'hybrid', 3)]), [
    away,
    { ...refused(101, 'sync', 10), until: 105 },
    refused(101, 'hybrid', 17),
    back,
    refused(105.5, 'hybrid', 3),
  ]);
});

test('what is given up is told apart from what is refused meanwhile', () => {
  const givenUp = (time: number, count: number): Mark => ({ time, kind: 'given-up', id: 'sync', count });
  assert.deepEqual(joinedMarks([refused(101, 'sync', 4), givenUp(101, 7), refused(102, 'sync', 1), givenUp(103, 2)]), [
    { ...refused(101, 'sync', 5), until: 102 },
    { ...givenUp(101, 9), until: 103 },
  ]);
});

test('refusals after a pause are others', () => {
  const marks = [refused(100, 'sync', 4), refused(104, 'sync', 5)];
  assert.deepEqual(joinedMarks(marks), marks);
});

test('what happens to workers stays as it is, however often', () => {
  const ended: Mark = { time: 1, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' };
  assert.deepEqual(joinedMarks([ended, ended]), [ended, ended]);
});

test('refusals that last are one occurrence, though they are joined one by one, and push nothing out', () => {
  const ended: Mark = { time: 99, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' };
  let marks = joinedMarks([ended]);
  for (let time = 100; time < 400; time++) marks = joinedMarks([...marks, refused(time, 'sync', 2)]).slice(-100);
  assert.deepEqual(marks, [ended, { ...refused(100, 'sync', 600), until: 399 }]);
});
