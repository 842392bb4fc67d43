import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putBack } from './first-state.ts';
import type { Tour } from './parts.ts';
import { Stage, stackOf } from './testdata/stage.ts';

/** A tour that notes that it is left. */
function tourOf(leave: () => Promise<void>): Tour {
  return { state: undefined, onChange: () => {}, enter: async () => {}, measure: () => {}, leave };
}

test('the next visitor finds no tour, no limits and the first settings, running', async () => {
  const stage = new Stage();
  const { settings } = stage.director.state;
  const left: string[] = [];
  stage.director.choose({ ...settings, deployments: ['hybrid'], running: false });
  await stage.director.limitConnections('hybrid', 10);
  await putBack(
    stage.director,
    tourOf(async () => void left.push('left')),
    stackOf('sync', 'hybrid'),
  );
  assert.deepEqual(left, ['left']);
  assert.deepEqual(stage.director.state.settings, settings);
  assert.deepEqual(stage.director.state.databaseConnections, {});
  assert.deepEqual(stage.done, ['hybrid has 10', 'hybrid has its own']);
});

test('the first settings are there also where the tour cannot be left', async () => {
  const stage = new Stage();
  const { settings } = stage.director.state;
  stage.director.choose({ ...settings, running: false });
  const failing = tourOf(async () => {
    throw new Error('the database is away');
  });
  await assert.rejects(putBack(stage.director, failing, stackOf('sync', 'hybrid')), /the database is away/);
  assert.equal(stage.director.state.settings.running, true);
});
