import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../model/errors.ts';
import { brokenDockers } from '../runtimes/compose/testdata/docker-answers.ts';
import { withPretendedDocker } from '../runtimes/compose/testdata/pretended-docker.ts';
import { checkStackVariables, chooseRuntime } from './runtime-choice.ts';

for (const [what, script] of Object.entries(brokenDockers)) {
  test(`without --runtime the local one is chosen, and compose is refused before a build: ${what} (a stand-in for docker)`, () =>
    withPretendedDocker(script, async calls => {
      assert.equal((await choose({})).name, 'local');
      await assert.rejects(choose({ runtime: 'compose' }), { code: 'engine-missing' });
      assert.deepEqual(
        (await calls()).filter(call => !/^(context|info|version) /.test(call)),
        [],
      );
    }));
}

function choose(options: { readonly runtime?: string }) {
  const { signal } = new AbortController();
  return chooseRuntime(options, { root: '/nowhere', signal, print: () => undefined, say: () => undefined });
}

/** The names in what is said of the variables, or `refused` and the names that are. */
function check(runtime: 'compose' | 'local' | 'simulated', environment: Record<string, string>): string {
  const said: string[] = [];
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    checkStackVariables(root, runtime, line => said.push(line), environment);
    return said.join();
  } catch (error) {
    assert.ok(error instanceof LoadlineError && error.code === 'usage');
    return ['refused', ...error.message.split('\n').map(line => line.split(' ')[0])].join();
  }
}

test('variables of the stack are obeyed, refused or named as unused before a comparison', () => {
  const limits = { WORKERS_CPUS: '1', NGINX_CPUSET: '0' };
  assert.equal(check('compose', { PATH: '/bin', PROCESSES: '' }), '');
  assert.equal(check('compose', { WORKERS_MEMORY: '2g', OPEN_FILES: '20000' }), '', 'defaults');
  assert.match(check('compose', limits), /^Obeyed: (?=.*WORKERS_CPUS=1)(?=.*NGINX_CPUSET=0)/);
  assert.equal(check('local', { WORKERS_CPUS: '1' }), 'refused,WORKERS_CPUS');
  assert.equal(check('compose', { PROCESSES: '4', THREADS: '2' }), 'refused,PROCESSES,THREADS');
  assert.equal(check('local', { COMPOSE_PROFILES: 'hybrid' }), 'refused,COMPOSE_PROFILES');
  assert.equal(check('simulated', { PROCESSES: '4', WORKERS_CPUS: '1' }), 'refused,PROCESSES,WORKERS_CPUS');
  assert.match(check('compose', { PORT_PAGE: '9000' }), /^Not used.*PORT_PAGE/);
});
