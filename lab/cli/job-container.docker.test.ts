import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { exitCodes } from '../../model/errors.ts';
import type { Seconds } from '../../model/quantities.ts';
import { withoutDocker } from '../../services/testdata/docker-engine.ts';
import { docker, spawnDocker, splitLines } from '../runtimes/compose/docker.ts';
import { engineHost } from '../runtimes/compose/engine.ts';
import { HOST_LABEL, removeLeftovers } from '../runtimes/compose/leftovers.ts';
import { OwnProject } from '../runtimes/compose/testdata/own-project.ts';
import { stopWhenInterrupted } from '../runtimes/local/testdata/interrupted-test.ts';

const root = join(import.meta.dirname, '../..');
const command = [
  ...['node', join(root, 'lab/cli/main.ts'), 'compare', join(import.meta.dirname, 'testdata/short.yaml')],
  ...['--runtime', 'compose', '--runs', '/tmp/runs'],
];
const LIMIT: Seconds = 300;

describe('a comparison in a container that has the socket of the engine', { skip: withoutDocker() }, () => {
  test('measures over the default network, and leaves nothing', async () => {
    await withJob({ network_mode: 'bridge' }, async ({ container, project }) => {
      const code = (await project.docker(['wait', container], { limit: LIMIT })).trim();
      // Where other programs disturb all of its trials it says that nothing was measured.
      assert.ok(
        [0, exitCodes.invalid].includes(Number(code)),
        await project.docker(['logs', container], { both: true }),
      );
      assert.deepEqual(await findTraces(container), []);
    });
  });

  test('that cannot tell its own container is refused once nginx does not answer, and leaves nothing', async () => {
    const unknown = { network_mode: 'bridge', hostname: 'unknown', volumes: ['/dev/null:/etc/hostname'] };
    await withJob(unknown, async ({ container, project }) => {
      const code = (await project.docker(['wait', container], { limit: LIMIT })).trim();
      const said = await project.docker(['logs', container], { both: true });
      assert.equal(code, `${exitCodes.machine}`, said);
      assert.match(said, /does not answer at http:\/\/127\.0\.0\.1:\d+/);
      assert.deepEqual(await findTraces('unknown'), []);
    });
  });

  test('in a network of its own begins to measure, and what it leaves when it is killed the next command removes', async () => {
    await withJob({}, async ({ container }) => {
      const log = spawnDocker(['logs', '--follow', container]);
      const said: string[] = [];
      for await (const line of createInterface({ input: log.stderr })) {
        said.push(line);
        if (line.startsWith('warming up')) break;
      }
      assert.match(said.at(-1) ?? '', /^warming up/, said.join('\n'));
      assert.notDeepEqual(await findTraces(container), []);
      await docker(['rm', '--force', container]);
      await removeLeftovers(() => undefined);
      assert.deepEqual(await findTraces(container), []);
    });
  });
});

interface Job {
  readonly project: OwnProject;
  /** The id of the container that the comparison runs in. */
  readonly container: string;
}

/** Starts the comparison in a container with the checkout, the command docker, and the socket that it talks to here. */
async function withJob(
  { volumes = [], ...settings }: { readonly volumes?: readonly string[]; readonly [setting: string]: unknown },
  use: (job: Job) => Promise<void>,
): Promise<void> {
  const project = await OwnProject.make(stopWhenInterrupted);
  const { name, folder, labels } = project;
  try {
    const socket = (await engineHost())?.replace('unix://', '') ?? '';
    const { uid, gid } = await stat(root);
    const job = {
      image: 'node:24-trixie-slim',
      init: true,
      command,
      labels,
      user: `${uid}:${gid}`,
      group_add: [`${(await stat(socket)).gid}`],
      environment: { HOME: '/tmp' },
      volumes: [`${root}:${root}`, `${socket}:/var/run/docker.sock`, ...(await findDockerFiles()), ...volumes],
      ...settings,
    };
    const file = join(folder, 'compose.json');
    await writeFile(file, JSON.stringify({ services: { job }, networks: { default: { labels } } }));
    const compose = ['compose', '--file', file, '--project-name', name];
    await project.docker([...compose, 'up', '--detach']);
    const container = (await project.docker([...compose, 'ps', '--all', '--quiet', '--no-trunc', 'job'])).trim();
    await use({ project, container });
  } finally {
    await project.remove();
  }
}

const pluginsSchema = z.array(z.object({ Name: z.string(), Path: z.string() }));

/** The command docker and its plugins, mounted where Linux has them. */
async function findDockerFiles(): Promise<string[]> {
  const plugins = pluginsSchema.parse(JSON.parse(await docker(['info', '--format', '{{json .ClientInfo.Plugins}}'])));
  const program = (process.env.PATH ?? '')
    .split(delimiter)
    .map(one => join(one, 'docker'))
    .find(path => existsSync(path));
  return [
    `${program}:/usr/local/bin/docker:ro`,
    ...plugins.map(({ Name, Path }) => `${Path}:/usr/local/lib/docker/cli-plugins/docker-${Name}:ro`),
  ];
}

/** The containers and networks of stacks whose command ran on the host, or in the container, of this name. */
async function findTraces(host: string): Promise<string[]> {
  const filter = ['--filter', `label=${HOST_LABEL}=${host}`];
  const lists = [
    ['ps', '--all'],
    ['network', 'ls'],
  ].map(list => docker([...list, '--quiet', ...filter]));
  return (await Promise.all(lists)).flatMap(splitLines);
}
