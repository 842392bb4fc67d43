import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEngine } from './engine.ts';

/** Asks for the engine with variables of the environment as they are given here. */
async function found(variables: Readonly<Record<string, string>>): Promise<unknown> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await findEngine();
  } finally {
    process.env = before;
  }
}

test('without a docker on PATH that is what is missing', async () => {
  assert.deepEqual(await found({ PATH: '/nowhere' }), {
    missing: 'The Docker Engine cannot be asked: there is no docker on PATH.',
  });
});
