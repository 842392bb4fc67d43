import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, startServer } from './testdata/run.ts';

test('a service that breaks the contract fails the smoke test, with its examples named', async () => {
  await using server = await startServer({ delayMs: 0 });
  const { output, exitCode } = await runScript('smoke.ts', { TARGET: server.url });
  assert.equal(exitCode, 110);
  assert.match(output, /^contract of http:.*: 0 of \d+ examples hold/);
  assert.match(output, /an unknown address is not found \(GET \/nothing\): status is 200, not 404/);
});

test('a service that is not there fails the smoke test', async () => {
  const { output, exitCode } = await runScript('smoke.ts', { TARGET: 'http://127.0.0.1:1' });
  assert.equal(exitCode, 110);
  assert.match(output, /plain answers at once \(GET \/plain\): no answer/);
});
