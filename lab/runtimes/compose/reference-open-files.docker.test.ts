/** The reference stack where a process may open few files. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { type TopologyName, topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const topologies: readonly TopologyName[] = ['sync', 'async'];
/** At once, each over a connection of its own: more than nginx has connections for. */
const REQUESTS = 1000;

describe('the reference stack with few open files', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    reference = await ReferenceProject.prepare(root, project, {
      OPEN_FILES: '1024',
      COMPOSE_PROFILES: topologies.join(','),
      PROCESSES: '2',
    });
    await reference.build();
    await reference.compose('up', '--detach', '--wait');
  });

  after(() => project.remove());

  test('with 1024 an overload of each topology is answered, with success or a problem that says why', async () => {
    // The second meets the idle connections that the first has left.
    for (const topology of topologies) {
      const url = await reference.urlOf(topologyOf(topology).port);
      const agent = new Agent({ connections: REQUESTS });
      const load = Array.from({ length: REQUESTS }, () => ask(`${url}/wait?ms=50`, agent));
      const answers = await Promise.all(load);
      await agent.close();
      const refused = answers.filter(({ status }) => status === 503);
      const succeeded = answers.filter(({ status }) => status === 200);
      assert.equal(refused.length + succeeded.length, REQUESTS, topology);
      assert.ok(succeeded.length > 100, `${topology}: ${succeeded.length} succeeded`);
      assert.ok(refused.some(({ body }) => body.includes('OPEN_FILES')));
    }
    for (const topology of topologies) {
      const { status } = await ask(`${await reference.urlOf(topologyOf(topology).port)}/items/7`);
      assert.equal(status, 200);
    }
  });

  test('with too few nothing is started, and the variable is named', async () => {
    const few = reference.with({ OPEN_FILES: '639' });
    await assert.rejects(few.compose('run', '--rm', '--no-deps', 'stack'), /OPEN_FILES=640/);
  });
});

async function ask(url: string, dispatcher?: Agent): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await request(url, dispatcher ? { dispatcher } : {});
  return { status: statusCode, body: await body.text() };
}
