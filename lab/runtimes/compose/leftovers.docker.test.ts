import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { describe, test } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { docker, spawnDocker } from './docker.ts';
import { HOST_LABEL, removeLeftovers, STACK_LABEL } from './leftovers.ts';
import { imageOf } from './project.ts';

const dockerfile = 'FROM node:24-trixie-slim\n';

describe('the image of a stack whose command was killed', { skip: withoutDocker() }, () => {
  test('is removed when nothing else was made yet', async () => {
    const project = await buildImage();
    await removeLeftovers(() => undefined);
    assert.equal(await idOf(project), '');
  });

  test('loses its name and stays where a container runs on it', async t => {
    const project = await buildImage();
    const image = await idOf(project);
    // It would have the labels of its image, and be of the stack.
    const another = ['--label', 'com.docker.compose.project=another', '--label', `${HOST_LABEL}=elsewhere`];
    const run = ['run', '--detach', '--init', ...another, imageOf(project), 'sleep', '600'];
    const container = (await docker(run)).trim();
    t.after(async () => {
      await docker(['rm', '--force', container]);
      await docker(['image', 'rm', image]);
    });
    await removeLeftovers(() => undefined);
    assert.equal(await idOf(project), '');
    assert.equal((await docker(['inspect', '--format', '{{.State.Running}}', container])).trim(), 'true');
  });
});

/** The name of a project that has nothing but its image. */
async function buildImage(): Promise<string> {
  const project = `loadline-${randomUUID().slice(0, 8)}`;
  const labels = {
    'com.docker.compose.project': project,
    [STACK_LABEL]: `/nowhere/${project}`,
    [HOST_LABEL]: hostname(),
  };
  const told = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const build = spawnDocker(['build', '--quiet', ...told, '--tag', imageOf(project), '-']);
  build.stdin.end(dockerfile);
  assert.deepEqual(await once(build, 'exit'), [0, null]);
  return project;
}

/** Nothing when there is no image of that project. */
async function idOf(project: string): Promise<string> {
  return (await docker(['image', 'ls', '--quiet', '--filter', `reference=${imageOf(project)}`])).trim();
}
