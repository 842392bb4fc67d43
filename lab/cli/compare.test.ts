import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trial } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { trialAt, waitOn } from '../search/testdata/cells.ts';
import { isNothingMeasured } from './compare.ts';

const result = (purpose: Trial['purpose'], state: TrialResult['state']) =>
  ({ state, trial: trialAt(100, waitOn('hybrid'), { purpose }) }) as TrialResult;

test('light looks alone measure nothing where every loaded trial is invalid', () => {
  const looks = [result('light', 'completed'), result('light', 'completed')];
  assert.equal(isNothingMeasured([...looks, result('capacity', 'invalid'), result('capacity', 'failed')]), true);
  assert.equal(isNothingMeasured([...looks, result('capacity', 'invalid'), result('capacity', 'completed')]), false);
  assert.equal(isNothingMeasured(looks), false);
  assert.equal(isNothingMeasured([result('light', 'failed')]), true);
});
