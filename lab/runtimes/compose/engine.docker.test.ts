import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { MachineProbe, type Probe } from '../../probe/probe.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { usageSourceFor } from './compose-probe.ts';
import { containersOf, placeOf } from './containers.ts';
import { DockerFailure, docker } from './docker.ts';
import { findEngine, isThere } from './engine.ts';
import { EngineProbe, engineApi } from './engine-probe.ts';
import { buildFailure, startFailure } from './failure.ts';
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

  test('tells the same CPU time and memory as the control group’s files', async () => {
    // It works for a moment, and then only waits, so that two snapshots one after the other are equal.
    const work =
      'while (process.cpuUsage().user < 300_000); fs.writeFileSync("/tmp/done", ""); setInterval(() => {}, 1e6)';
    const check = { test: ['CMD', 'test', '-e', '/tmp/done'], interval: '1s' };
    await withProject(
      { worker: { image, init: true, command: ['node', '-e', work], healthcheck: check } },
      async (compose, name) => {
        await docker([...compose, 'up', '--detach', '--wait']);
        const [worker] = await containersOf(name, never);
        assert.ok(worker);
        const usage = { worker: placeOf(worker) };
        const engine = new EngineProbe(await engineApi(), new MachineProbe());
        const files = usageSourceFor([worker]) === 'cgroup files' ? new MachineProbe() : engine;
        const usedBy = async (probe: Probe) => (await probe.sample({ usage })).usage?.worker;
        try {
          const [here, there] = [await usedBy(files), await usedBy(engine)];
          assert.ok(here?.memory && there?.memory);
          assert.ok(here.cpu >= 0.3 && here.cpu < 5, `${here.cpu} s`);
          assert.ok(Math.abs(there.cpu - here.cpu) < 0.1, `${there.cpu} s, ${here.cpu} s`);
          assert.ok(here.memory > 5e6 && here.memory < 5e8, `${here.memory} bytes`);
          assert.ok(Math.abs(there.memory - here.memory) < 0.2 * here.memory, `${there.memory}, ${here.memory} bytes`);
          await docker(['rm', '--force', worker.id]);
          assert.equal(await usedBy(files), undefined);
          assert.equal(await usedBy(engine), undefined);
        } finally {
          await engine.close();
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
});

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
