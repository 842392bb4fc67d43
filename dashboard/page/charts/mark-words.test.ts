import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { type Mark, stageOf } from '../../protocol.ts';
import { labelOf, sentenceOf } from './mark-words.ts';

test('a mark is named on the chart and told in the list', () => {
  const cases: [Mark, string, string][] = [
    [{ time: 1, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' }, 'worker ended', 'Worker sync-1.1 ended.'],
    [{ time: 1, kind: 'worker-back', id: 'sync', worker: 'sync-1.1' }, 'worker back', 'Worker sync-1.1 is back.'],
    [
      { time: 1, kind: 'killed-for-memory', id: 'sync', worker: 'sync-1.1', count: 268_435_456 },
      'killed: memory',
      'The kernel killed the process of sync-1.1: its container reached its memory limit (256 MiB). Raise WORKERS_MEMORY or lower PROCESSES.',
    ],
    [
      { time: 1, kind: 'refused', id: 'sync', count: 12 },
      '503 × 12',
      '12 requests at sync were refused with status 503.',
    ],
    [{ time: 1, kind: 'refused', id: 'sync', count: 1 }, '503 × 1', '1 request at sync was refused with status 503.'],
    [
      { time: 1, kind: 'given-up', id: 'sync', count: 195 },
      'given up × 195',
      '195 requests at sync were given up: no answer within 10 s.',
    ],
    [{ time: 1, kind: 'cpu-held', id: 'async', count: 2 }, 'CPU held', 'One request at async computes for 2 s.'],
    [{ time: 1, kind: 'database-away' }, 'database away', 'The database is away.'],
    [{ time: 1, kind: 'database-back' }, 'database back', 'The database is back.'],
    [
      { time: 1, kind: 'connections-changed', id: 'hybrid', count: 10 },
      '10 connections',
      'hybrid may have 10 database connections.',
    ],
    [
      { time: 1, kind: 'connections-changed', id: 'hybrid' },
      'connections',
      'hybrid has its own number of database connections again.',
    ],
    [{ time: 1, kind: 'generator-lost' }, 'k6 away', 'k6, which sends the load, is away.'],
    [{ time: 1, kind: 'generator-back' }, 'k6 back', 'k6 is back.'],
  ];
  for (const [mark, label, sentence] of cases) {
    assert.equal(labelOf(mark), label);
    assert.equal(sentenceOf(mark, undefined), sentence);
  }
});

test('what happened to one of two sizes of a topology says to which', () => {
  const large = deploymentOf('hybrid', 2);
  const [, small] = stageOf([
    { id: 'large', deployment: large },
    { id: 'small', deployment: { ...large, databaseConnections: 8 } },
  ]);
  const ended: Mark = { time: 1, kind: 'worker-ended', id: 'small', worker: 'hybrid-1.1' };
  assert.equal(sentenceOf(ended, small), 'Worker hybrid-1.1 (2×1, 8 connections) ended.');
  assert.equal(
    sentenceOf({ time: 1, kind: 'cpu-held', id: 'small', count: 2 }, small),
    'One request at hybrid 2×1, 8 connections computes for 2 s.',
  );
});
