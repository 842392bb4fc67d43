import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { topologies, topologyOf } from '../../../model/topology.ts';
import { lookOf } from './dot-looks.ts';
import { deploymentWords, gistOf, spokenCensus } from './stage-words.ts';
import { seen } from './testdata/told.ts';
import { activityOf } from './worker-activity.ts';

test('a deployment is described in the field’s words', () => {
  const words = (id: Parameters<typeof deploymentOf>[0], cpus: number) =>
    deploymentWords(deploymentOf(id, cpus), topologies);
  assert.equal(words('sync', 2), '2 blocking workers, one request each');
  assert.equal(words('sync', 1), '1 blocking worker, one request at a time');
  assert.equal(words('threads', 2), '8 blocking workers, threads of one process, one request each');
  assert.equal(words('sync-threads', 2), '16 blocking workers, threads of 2 processes, one request each');
  assert.equal(words('async', 2), 'one event loop, many requests at once');
  assert.equal(words('hybrid', 4), '4 event loops, many requests each');
  assert.equal(words('async-express', 2), '2 event loops, many requests each, under Express');
  const alone = deploymentWords(deploymentOf('async-express', 2), [topologyOf('sync'), topologyOf('async-express')]);
  assert.equal(alone, '2 event loops, many requests each');
});

test('what a worker does is what it does for most of the time', () => {
  assert.equal(activityOf(seen()), 'idle');
  assert.equal(activityOf(seen({ computing: 0.9, inProgress: 1 })), 'computing');
  assert.equal(activityOf(seen({ computing: 0.1, inProgress: 1, connectionsInUse: 1 })), 'waiting');
  assert.equal(activityOf(seen({ alive: false, computing: 1 })), 'gone');
});

test('the stage is said in a sentence', () => {
  const workers = [seen({ inProgress: 1, connectionsInUse: 1 }), seen({ alive: false })];
  assert.equal(
    spokenCensus('sync', { waiting: 312, held: [1, 0], workers }, 86.4),
    'sync: 312 wait, 2 workers with 1 request (1 waiting for the database, 1 gone), 86 answered a second.',
  );
  assert.equal(
    spokenCensus('hybrid', { waiting: 0, held: [0], workers: [seen()] }, undefined),
    'hybrid: no requests waiting, 1 worker with 0 requests.',
  );
});

test('that a deployment comes to rest is worth saying, and that a worker is idle between two requests is not', () => {
  const busy = { waiting: 0, held: [1, 1], workers: [seen({ inProgress: 1 }), seen({ inProgress: 1 })] };
  const idle = { waiting: 0, held: [0, 0], workers: [seen(), seen()] };
  assert.notEqual(gistOf(busy, 0), gistOf(idle, 0), 'the last requests are answered');
  assert.equal(gistOf(busy, 60), gistOf(idle, 60));
  assert.notEqual(gistOf(idle, 0), gistOf(idle, 60), 'it goes on');
  assert.equal(gistOf(idle, undefined), gistOf(idle, 60), 'how much is answered is not known yet');
});

test('dots of different ages, and failed ones, look different', () => {
  const look = (age: number, failed = false) => lookOf({ age, failed, phase: 'returning' }, false);
  assert.equal(new Set([look(0.05), look(0.15), look(0.3), look(0.3, true)]).size, 4);
  assert.equal(look(0.25), look(0.11), 'the objective is met at just its time');
});
