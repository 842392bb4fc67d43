import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEngine, isThere } from './engine.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

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

const info = '{"ServerVersion":"28.0.0","NCPU":2,"OperatingSystem":"Debian","KernelVersion":"6.1"}';
const versions: [version: string, enough: boolean][] = [
  ['2.22.0', true],
  ['v2.40.3-desktop.1', true],
  ['5.0.1', true],
  ['2.21.9', false],
  ['1.29.2', false],
];
for (const [version, enough] of versions) {
  test(`Compose ${version} is ${enough ? 'recent enough' : 'too old, and that is said'}`, () =>
    withPretendedDocker(`case "$1" in info) echo '${info}';; compose) echo ${version};; esac`, async () => {
      const engine = await findEngine();
      assert.equal(isThere(engine), enough);
      if (isThere(engine)) assert.equal(engine.composeVersion, version);
      else assert.ok(engine.missing.startsWith(`docker has Compose ${version}, and Loadline needs 2.22 or later`));
    }));
}
