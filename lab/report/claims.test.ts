import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimVerdict } from '../claims/claim.ts';
import { claimsTable } from './claims.ts';

const verdict: ClaimVerdict = {
  ...{ id: 'C3', claim: 'Sync and async do the same.', verdict: 'not shown', sentence: 'It is 1 | 0.' },
  figures: [
    { label: 'async ÷ sync', unit: '', estimate: 1.0234, low: 0.91, high: 1.15 },
    { label: 'held for', unit: 's', estimate: 0.02 },
  ],
  instead: 'Two CPUs.',
};

test('claims are a table with their reasons, and their figures with intervals', () => {
  assert.equal(
    claimsTable([verdict]),
    [
      '|  | claim | verdict | why |',
      '| :--- | :--- | :--- | :--- |',
      '| C3 | Sync and async do the same. | not shown | It is 1 \\| 0. Instead: Two CPUs. |',
      '',
      'C3:',
      '',
      '- async ÷ sync: 1.02 [0.91, 1.15]',
      '- held for: 0.02 s',
    ].join('\n'),
  );
});
