import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf, workersOf } from '../../model/deployment.ts';
import type { Dispatch } from '../../model/parallelism.ts';
import { Dispatcher } from './dispatcher.ts';
import { Request } from './request.ts';
import { Worker } from './worker.ts';

function dispatcherOf(dispatch: Dispatch, workers: number, nginxProcesses = 1): Dispatcher {
  const slots = workersOf(deploymentOf('hybrid', workers));
  return new Dispatcher(
    nginxProcesses,
    slots.map(slot => new Worker(slot)),
    dispatch,
  );
}

/** A request of that number on its way to a worker, which is told by its place. */
function assigned(dispatcher: Dispatcher, number: number): { request: Request; worker: number } {
  const request = new Request(number);
  request.number = number;
  dispatcher.assign(request);
  return { request, worker: request.worker };
}

test('with ports of their own the worker with fewest requests is picked, and equal ones in turn', () => {
  const dispatcher = dispatcherOf('least-connections', 3);
  const [first, second, third] = [1, 2, 3].map(number => assigned(dispatcher, number));
  assert.deepEqual([first?.worker, second?.worker, third?.worker], [0, 1, 2]);
  if (second) dispatcher.answered(second.request);
  assert.equal(assigned(dispatcher, 4).worker, 1);
});

test('requests one at a time stick to the worker of the one kept connection', () => {
  const dispatcher = dispatcherOf('kept-connections', 3);
  const workers = [1, 2, 3, 4].map(number => {
    const { request, worker } = assigned(dispatcher, number);
    dispatcher.answered(request);
    return worker;
  });
  assert.deepEqual(workers, [0, 0, 0, 0]);
});

test('of kept connections the last used goes first, though its worker has more to do, and new ones go round', () => {
  const dispatcher = dispatcherOf('kept-connections', 2);
  const [, , third] = [1, 2, 3].map(number => assigned(dispatcher, number));
  assert.equal(third?.worker, 0);
  if (third) dispatcher.answered(third.request);
  // The first worker has a request still, the second one too.
  assert.equal(assigned(dispatcher, 4).worker, 0);
  assert.equal(assigned(dispatcher, 5).worker, 1);
});

test('each process of nginx has kept connections of its own', () => {
  const dispatcher = dispatcherOf('kept-connections', 2, 2);
  const first = assigned(dispatcher, 2);
  dispatcher.answered(first.request);
  assert.equal(assigned(dispatcher, 3).worker, 1);
  assert.equal(assigned(dispatcher, 4).worker, 0);
});
