import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorCatalogue, exitCodes, LoadlineError } from './errors.ts';

const documented = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap(line => {
    const [, code, exit, means] = /^\| `([^`]+)` \| (\d+) \| (.+) \|$/.exec(line) ?? [];
    return code && exit && means ? [{ code, exit: Number(exit), means }] : [];
  });

test('the catalogue and its page in the docs name the same codes, exit codes and meanings', () => {
  const catalogue = Object.entries(errorCatalogue).map(([code, { exit, means }]) => ({
    code,
    exit: exitCodes[exit],
    means,
  }));
  assert.deepEqual(documented, catalogue);
});

test('an error knows the exit code of the command that it ends', () => {
  assert.equal(new LoadlineError('nginx-missing', 'nginx is not here').exitCode, 3);
  assert.equal(new LoadlineError('interrupted', 'stopped').exitCode, 130);
});
