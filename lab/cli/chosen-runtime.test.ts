import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenDockers } from '../runtimes/compose/testdata/docker-answers.ts';
import { withPretendedDocker } from '../runtimes/compose/testdata/pretended-docker.ts';
import { chosenRuntime } from './chosen-runtime.ts';

for (const [what, script] of Object.entries(brokenDockers)) {
  test(`the local runtime is used, and why is said: ${what} (a stand-in for docker)`, () =>
    withPretendedDocker(script, async () => {
      const { runtime, said } = await choose({});
      assert.equal(runtime.name, 'local');
      assert.match(said, /So everything runs as processes of this machine/);
    }));

  test(`--runtime compose is refused before anything is built: ${what} (a stand-in for docker)`, () =>
    withPretendedDocker(script, async calls => {
      await assert.rejects(choose({ runtime: 'compose' }), { code: 'engine-missing' });
      assert.deepEqual(
        (await calls()).filter(call => !/^(context|info|version) /.test(call)),
        [],
      );
    }));
}

async function choose(options: { readonly runtime?: string }) {
  const said: string[] = [];
  const context = { root: '/nowhere', signal: new AbortController().signal, print: () => undefined };
  const runtime = await chosenRuntime(options, { ...context, say: line => said.push(line) });
  return { runtime, said: said.join('\n') };
}
