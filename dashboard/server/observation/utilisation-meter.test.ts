import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerInterval } from './follower.ts';
import { UtilisationMeter } from './utilisation-meter.ts';

const interval: WorkerInterval = {
  worker: 'hybrid-1.1',
  duration: 0.2,
  busy: 0.1,
  connectionsHeld: 2,
  connections: 20,
  inProgress: 0,
};

test('the mean over all workers takes each interval by its length', () => {
  const meter = new UtilisationMeter(2, 4);
  meter.worked(interval);
  meter.worked({ ...interval, worker: 'hybrid-2.1', duration: 0.6, busy: 0.1, connectionsHeld: 0 });
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 });
  meter.used({ process: 2, endedAt: 101, duration: 1, cpu: 0.7 });
  assert.equal(meter.cpu, 1.2);
  assert.deepEqual(meter.utilisation, { workers: 0.25, databaseConnections: 0.125, cpu: 0.3 });
});

test('a process that is gone used nothing, and those that are left no more than they did', () => {
  const meter = new UtilisationMeter(2, 2);
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 1 });
  for (const endedAt of [100.25, 100.5, 100.75, 101]) meter.used({ process: 2, endedAt, duration: 0.25, cpu: 0 });
  assert.equal(meter.utilisation.cpu, 0.5);
  meter.restart();
  meter.used({ process: 1, endedAt: 102, duration: 1, cpu: 0.5 });
  assert.equal(meter.utilisation.cpu, 0.25, 'of the other nothing new was told');
});

test('a process that was not told of yet uses what the others do', () => {
  const meter = new UtilisationMeter(2, 4);
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 });
  assert.equal(meter.cpu, 1);
});

test('an interval can count in part', () => {
  const meter = new UtilisationMeter(1, 1);
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 }, 0.25);
  meter.used({ process: 1, endedAt: 102, duration: 1, cpu: 1 }, 0.75);
  assert.equal(meter.cpu, 0.875);
});

test('nothing is used by who was never heard of', () => {
  assert.deepEqual(new UtilisationMeter(2, 4).utilisation, { workers: 0, databaseConnections: 0, cpu: 0 });
});

test('begun anew, what is not told of keeps its value, or has none', () => {
  const meter = new UtilisationMeter(1, 1);
  meter.worked(interval);
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 0.5 });
  meter.restart();
  meter.worked({ ...interval, busy: 0.2 });
  assert.deepEqual(meter.utilisation, { workers: 1, databaseConnections: 0.5, cpu: 0.5 });
  meter.restart('nothing');
  assert.deepEqual(meter.utilisation, { workers: 0, databaseConnections: 0, cpu: 0 });
});

test('clocks that differ make no use of more than all', () => {
  const meter = new UtilisationMeter(1, 1);
  meter.worked({ ...interval, connectionsHeld: 5 });
  meter.used({ process: 1, endedAt: 101, duration: 1, cpu: 1.02 });
  assert.deepEqual(meter.utilisation, { workers: 0.5, databaseConnections: 1, cpu: 1 });
});
