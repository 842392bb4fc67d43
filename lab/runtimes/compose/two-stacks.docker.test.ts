/** Two stacks of one checkout beside each other, and one whose database gets another address. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Seconds } from '../../../model/quantities.ts';
import { topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { splitLines } from './docker.ts';
import { nameImage } from './project.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** One that blocks and one with a pool. */
const topologies = ['sync', 'hybrid'] as const;
/** Others use the engine too, which has some thirty ranges of addresses. */
const NETWORKS = 5;
/** As Postgres it refuses TLS, and asks everybody for the password in clear text; it tells who gave it. */
const IMPOSTOR = `require('node:net').createServer(socket => {
  socket.on('error', () => {});
  socket.on('data', bytes => {
    if (bytes.length === 8) return socket.write('N');
    console.log('a client logs in');
    socket.write(Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 3]));
  });
}).listen(5432)`;

describe('two stacks of one checkout', { skip: withoutDocker() }, () => {
  let projects: OwnProject[] = [];
  let kept: ReferenceProject;
  let other: ReferenceProject;
  let urls: string[];

  before(async () => {
    projects = [await OwnProject.make(stopWhenInterrupted), await OwnProject.make(stopWhenInterrupted)];
    const chosen = { COMPOSE_PROFILES: topologies.join(), PROCESSES: '1' };
    [kept, other] = (await Promise.all(projects.map(project => ReferenceProject.prepare(root, project, chosen)))) as [
      ReferenceProject,
      ReferenceProject,
    ];
    for (const stack of [kept, other]) await stack.build();
    await Promise.all([kept, other].map(stack => stack.compose('up', '--detach', '--wait')));
    urls = await listUrls(kept);
  });

  after(() => Promise.all(projects.map(project => project.remove())));

  test('run at once, and the end of one leaves the other whole', async () => {
    for (const url of [...urls, ...(await listUrls(other))]) assert.equal((await ask(url)).status, 200, url);
    const ids = await kept.ids();
    await other.compose('--profile', '*', 'down', '--volumes', '--timeout', '1');
    assert.deepEqual(await other.ids(), []);
    assert.deepEqual(await kept.ids(), ids);
    for (const url of urls) assert.equal((await ask(url)).status, 200, url);
  });

  test('a build for one leaves the containers of the other as they are', async () => {
    const ids = await kept.ids();
    // Another image under the other's name, as after a build of other code.
    await kept.project.docker(['tag', 'nginx:1.30', nameImage(other.project.name)]);
    await kept.compose('up', '--detach', '--wait');
    assert.deepEqual(await kept.ids(), ids);
  });

  test('one answers while other networks come and go beside it', async () => {
    const { project } = kept;
    const names = Array.from({ length: NETWORKS }, (_, index) => `${project.name}-${index}`);
    for (const name of names) {
      const label = ['--label', `com.docker.compose.project=${project.name}`];
      await project.docker(['network', 'create', ...label, name]);
      for (const url of urls) assert.equal((await ask(url)).status, 200, `${url} beside ${name}`);
    }
    await project.docker(['network', 'rm', ...names]);
    for (const url of urls) assert.equal((await ask(url)).status, 200, url);
  });

  test('a database that comes back at another address is found within a second, and the former one is given no password', async context => {
    const { project } = kept;
    const addressIn = async (container: string) => {
      const format = `{{(index .NetworkSettings.Networks "${project.name}_database").IPAddress}}`;
      return (await project.docker(['inspect', '--format', format, container])).trim();
    };
    const database = async () => (await kept.compose('ps', '--all', '--quiet', 'database')).trim();
    const before = await addressIn(await database());
    await kept.compose('rm', '--force', '--stop', 'database');

    const label = ['--label', `com.docker.compose.project=${project.name}`];
    const run = ['run', '--detach', ...label, '--network', `${project.name}_database`, nameImage(project.name)];
    const impostor = (await project.docker([...run, 'node', '-e', IMPOSTOR])).trim();
    assert.equal(await addressIn(impostor), before, 'it has the former address of the database');

    for (const url of urls) {
      for (let round = 0; round < 5; round++) {
        const { status, seconds } = await ask(url);
        assert.equal(status, 503, url);
        assert.ok(seconds < 1, `${url} took ${seconds} s`);
      }
    }

    await kept.compose('up', '--detach', '--wait', '--no-deps', 'database');
    assert.notEqual(await addressIn(await database()), before);
    const back = performance.now();
    for (const url of urls) {
      while ((await ask(url)).status !== 200) {
        assert.ok(performance.now() - back < 1000, `${url} does not answer a second after the database came back`);
      }
    }
    context.diagnostic(`all answer ${(performance.now() - back).toFixed()} ms after the database was healthy`);
    assert.deepEqual(splitLines(await project.docker(['logs', impostor], { both: true })), []);
  });
});

function listUrls(stack: ReferenceProject): Promise<string[]> {
  return Promise.all(topologies.map(async name => `${await stack.urlOf(topologyOf(name).port)}/items/7`));
}

async function ask(url: string): Promise<{ status: number; seconds: Seconds }> {
  const start = performance.now();
  const { status } = await fetch(url);
  return { status, seconds: (performance.now() - start) / 1000 };
}
