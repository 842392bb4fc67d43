import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeProject } from './removal.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

test('a container that comes to be after the first look is removed as long as not all has settled', () =>
  withPretendedDocker(
    'case "$1" in ps) [ ! -e looked ] || [ -e removed ] || echo late; touch looked;; rm) touch removed;; esac',
    async calls => {
      await removeProject('loadline-0', { settled: false });
      assert.ok((await calls()).includes('rm --force --volumes late'));
    },
  ));

test('the names of a project’s own images are removed after its containers', () => {
  const images = ['loadline:loadline-0', 'loadline-k6:loadline-0'];
  return withPretendedDocker(`case "$*" in "image ls"*) printf '%s\\n' ${images.join(' ')};; esac`, async calls => {
    await removeProject('loadline-0');
    assert.equal((await calls()).at(-1), `image rm --force ${images.join(' ')}`);
  });
});
