import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram } from '../../../model/histogram.ts';
import type { WindowReading } from '../observation/window-count.ts';
import { readingOf } from './reading.ts';

type Completion = WindowReading['nginx']['completions'][number];

const at = (endedAt: number, responseTime = 0.02): Completion => ({ endedAt, responseTime });

const windowOf = (completions: readonly Completion[], completed = completions.length): WindowReading => ({
  duration: 2,
  nginx: {
    completed,
    failed: 0,
    responseTime: emptyHistogram(0.25),
    completions,
    app: 0.03 * completed,
    databaseWait: 0.02 * completed,
  },
  k6: { sent: completed, completed, failed: 0, responseTime: emptyHistogram(0.25) },
  utilisation: { workers: 0.5, databaseConnections: 0.4, cpu: 0.3 },
  mostInProgress: { 'sync-1.1': 1, 'sync-2.1': 2 },
  machine: 0.8,
  hostCpus: 2,
  cpuSeconds: 1.2,
  memory: 100e6,
});

test('completions between the two moments count, in whole half-seconds from the last one back', () => {
  // From 10.0 to 11.2 there are two whole half-seconds: 10.2 to 10.7 and 10.7 to 11.2.
  const read = windowOf([at(9.9), at(10.1), at(10.2), at(10.3), at(10.69), at(10.7), at(11.19), at(11.2), at(11.4)]);
  const { throughputs, responseTimes } = readingOf('sync', read, 10, 11.2);
  assert.deepEqual(throughputs, [6, 4]);
  assert.equal(responseTimes.length, 6);
});

test('response times are sorted, and what the workers told is the mean over their requests', () => {
  const read = windowOf([at(10.1, 0.05), at(10.2, 0.02), at(10.3, 0.03)]);
  const told = readingOf('sync', read, 10, 11);
  assert.deepEqual(told.responseTimes, [0.02, 0.03, 0.05]);
  assert.deepEqual(
    [told.app, told.databaseWait, told.cpus],
    [0.03, 0.02, 0.6].map(value => Number(value.toPrecision(3))),
  );
  assert.deepEqual(told.mostInProgress, [1, 2]);
});

test('half-seconds of which the window has forgotten the beginning do not count', () => {
  const read = windowOf([at(11.1), at(11.6), at(11.7)], 30_000);
  assert.deepEqual(readingOf('sync', read, 10, 12).throughputs, [4]);
});
