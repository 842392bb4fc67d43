import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedEnvironment } from './inherited-environment.ts';

test('what would change a measurement is not inherited, and what a program needs is', () => {
  const exported = [
    'LOADLINE_HOST',
    'LOADLINE_LOG_LEVEL',
    'UV_THREADPOOL_SIZE',
    'PGOPTIONS',
    'NODE_OPTIONS',
    'PM2_HOME',
  ];
  for (const name of exported) process.env[name] = 'exported';
  const environment = inheritedEnvironment({ LOADLINE_DATABASE_URL: 'postgres://one' });
  for (const name of exported) {
    assert.ok(!(name in environment), name);
    delete process.env[name];
  }
  assert.equal(environment.PATH, process.env.PATH);
  assert.equal(environment.LOADLINE_DATABASE_URL, 'postgres://one');
});
