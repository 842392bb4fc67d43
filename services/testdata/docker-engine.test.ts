import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withoutDocker } from './docker-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-docker-'));
after(() => rmSync(folder, { recursive: true }));

function dockerThat(script: string): NodeJS.ProcessEnv {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: folder };
}

test('tests in Docker are skipped with the reason of the docker command', () => {
  const environment = dockerThat('echo "Cannot connect to the Docker daemon at unix:///nowhere." >&2; exit 1');
  assert.equal(
    withoutDocker(environment),
    'no Docker Engine answers: Cannot connect to the Docker daemon at unix:///nowhere.',
  );
});

test('tests in Docker are skipped where there is no docker command', () => {
  assert.equal(withoutDocker({ PATH: join(folder, 'empty') }), 'there is no docker command on the PATH');
});

test('with CI=true tests in Docker fail for the same reason', () => {
  const environment = { PATH: join(folder, 'empty'), CI: 'true' };
  assert.throws(() => withoutDocker(environment), /there is no docker command on the PATH; with CI=true/);
});

test('where an engine answers nothing is skipped, and Testcontainers is told where it is', () => {
  const environment = dockerThat(
    'case "$1" in version) echo 28.1.0 ;; context) echo unix:///home/me/.docker.sock ;; esac',
  );
  assert.equal(withoutDocker(environment), false);
  assert.equal(environment.DOCKER_HOST, 'unix:///home/me/.docker.sock');
});

test('an engine that the user named is left alone', () => {
  const environment = { ...dockerThat('echo unix:///other'), DOCKER_HOST: 'unix:///mine' };
  assert.equal(withoutDocker(environment), false);
  assert.equal(environment.DOCKER_HOST, 'unix:///mine');
});
