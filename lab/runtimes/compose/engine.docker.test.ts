import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { engineApi, readUsages } from './compose-probe.ts';
import { listContainers, placeOf } from './containers.ts';
import { DockerFailure, docker, spawnDocker } from './docker.ts';
import { engineHost, findEngine, isThere } from './engine.ts';
import { HOST_LABEL, removeLeftovers, STACK_LABEL } from './leftovers.ts';
import { nameImage } from './project.ts';
import { buildFailure, startFailure } from './stack.ts';
import { OwnProject } from './testdata/own-project.ts';

const never = new AbortController().signal;
const image = 'node:24-trixie-slim';

describe('a Docker Engine', { skip: withoutDocker() }, () => {
  test('is found with its version and its CPUs', async () => {
    const engine = await findEngine();
    assert.ok(isThere(engine));
    assert.match(engine.version, /^\d+\.\d+/);
    assert.match(engine.composeVersion, /^v?\d+\.\d+/);
    assert.ok(engine.cpus >= 1);
  });

  test('tells the CPU time and memory of a container, and nothing once it is removed', async () => {
    const work =
      'while (process.cpuUsage().user < 300_000); fs.writeFileSync("/tmp/done", ""); setInterval(() => {}, 1e6)';
    const check = { test: ['CMD', 'test', '-e', '/tmp/done'], interval: '1s', retries: 60 };
    await withProject(
      { worker: { image, init: true, command: ['node', '-e', work], healthcheck: check } },
      async (compose, name) => {
        await docker([...compose, 'up', '--detach', '--wait']);
        const [worker] = await listContainers(name, never);
        assert.ok(worker);
        const api = engineApi(await engineHost());
        try {
          const { worker: used } = await readUsages(api, { worker: placeOf(worker) });
          assert.ok(used?.memory);
          assert.ok(used.cpu >= 0.3 && used.cpu < 10, `${used.cpu} s`);
          assert.ok(used.memory > 5e6 && used.memory < 5e8, `${used.memory} bytes`);
          await docker(['rm', '--force', worker.id]);
          assert.deepEqual(await readUsages(api, { worker: placeOf(worker) }), {});
        } finally {
          await api.destroy();
        }
      },
    );
  });

  const culprits: [what: string, service: object, message: RegExp][] = [
    [
      'that ends',
      { image, command: ['sh', '-c', '(echo the first line; echo cannot go on) >&2; exit 7'] },
      /container of one ended with exit code 7\. .*\n {4}the first line\n {4}cannot go on/,
    ],
    [
      'that does not become healthy',
      {
        image,
        init: true,
        command: ['sh', '-c', 'echo still thinking; sleep 60'],
        healthcheck: { test: ['CMD', 'false'], interval: '1s', retries: 1 },
      },
      /container of one did not become healthy\. .*\n {4}still thinking/,
    ],
  ];
  for (const [what, service, message] of culprits) {
    test(`a service ${what} is named, with the end of its log`, async () => {
      const condition = 'healthcheck' in service ? 'service_healthy' : 'service_completed_successfully';
      const other = { image, command: ['true'], depends_on: { one: { condition } } };
      await withProject({ one: service, other }, async compose => {
        const failure = await docker([...compose, 'up', '--detach', '--wait']).catch((error: unknown) => error);
        const told = await startFailure(compose, failure);
        assert.ok(told instanceof Error && 'code' in told);
        assert.equal(told.code, 'containers-failed');
        assert.match(told.message, message);
      });
    });
  }

  test('a build that fails is told with the end of its output', async () => {
    const build = { dockerfile_inline: `FROM ${image}\nRUN echo nothing can be done >&2 && exit 9\n` };
    await withProject({ one: { build } }, async compose => {
      const failure = await docker([...compose, '--progress', 'plain', 'build']).catch((error: unknown) => error);
      assert.ok(failure instanceof DockerFailure);
      const told = buildFailure(failure);
      assert.ok(told instanceof Error && 'code' in told);
      assert.equal(told.code, 'image-failed');
      assert.match(told.message, /nothing can be done[\s\S]*exit code: 9/);
    });
  });

  test('loses the images of a stack whose command was killed; one that is in use stays without its name', async t => {
    const [unused, inUse] = [await buildImage(), await buildImage()];
    const id = await findImage(inUse);
    // It would have the labels of its image, and be of the stack.
    const another = ['--label', 'com.docker.compose.project=another', '--label', `${HOST_LABEL}=elsewhere`];
    const run = ['run', '--detach', '--init', ...another, nameImage(inUse), 'sleep', '600'];
    const container = (await docker(run)).trim();
    t.after(async () => {
      await docker(['rm', '--force', container]);
      await docker(['image', 'rm', id]);
    });
    await removeLeftovers(() => undefined);
    assert.deepEqual([await findImage(unused), await findImage(inUse)], ['', '']);
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
  const build = spawnDocker(['build', '--quiet', ...told, '--tag', nameImage(project), '-']);
  build.stdin.end(`FROM ${image}\n`);
  assert.deepEqual(await once(build, 'exit'), [0, null]);
  return project;
}

/** The id of a project's image; empty when there is none. */
async function findImage(project: string): Promise<string> {
  return (await docker(['image', 'ls', '--quiet', '--filter', `reference=${nameImage(project)}`])).trim();
}

/** Gives a project of these services, by the arguments of `docker` that name it, and removes what was made of it. */
async function withProject(
  services: Readonly<Record<string, object>>,
  use: (compose: readonly string[], name: string) => Promise<void>,
): Promise<void> {
  const project = await OwnProject.make(stopWhenInterrupted);
  const { name, folder, labels } = project;
  const file = join(folder, 'compose.json');
  const labelled = Object.entries(services).map(([service, settings]) => [service, { ...settings, labels }]);
  try {
    await writeFile(
      file,
      JSON.stringify({ services: Object.fromEntries(labelled), networks: { default: { labels } } }),
    );
    await project.awaited(use(['compose', '--file', file, '--project-name', name], name));
  } finally {
    await project.remove();
  }
}
