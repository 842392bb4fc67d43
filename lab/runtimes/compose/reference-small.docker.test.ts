/** The reference stack where it has little: few open files, hardly any CPU time, one profile. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import type { Totals } from '../../../dashboard/protocol.ts';
import { type TopologyName, topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { splitLines } from './docker.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const topologies: readonly TopologyName[] = ['sync', 'async'];
/** At once, each over a connection of its own: more than nginx has connections for. */
const REQUESTS = 1000;

describe('the reference stack', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    reference = await ReferenceProject.prepare(root, project, { COMPOSE_PROFILES: topologies.join(), PROCESSES: '2' });
    await reference.build();
  });

  after(() => project.remove());

  test('with 1024 open files answers an overload with success or a problem that says why', async () => {
    const few = reference.with({ OPEN_FILES: '1024' });
    await few.compose('up', '--detach', '--wait');
    // The second meets the idle connections that the first has left.
    for (const topology of topologies) {
      const url = await few.urlOf(topologyOf(topology).port);
      const agent = new Agent({ connections: REQUESTS });
      const load = Array.from({ length: REQUESTS }, () => ask(`${url}/wait?ms=20`, agent));
      const answers = await Promise.all(load);
      await agent.close();
      const refused = answers.filter(({ status }) => status === 503);
      const succeeded = answers.filter(({ status }) => status === 200);
      assert.equal(refused.length + succeeded.length, REQUESTS, topology);
      assert.ok(succeeded.length > 20, `${topology}: ${succeeded.length} succeeded`);
      assert.ok(refused.some(({ body }) => body.includes('OPEN_FILES')));
      assert.equal((await ask(`${url}/items/7`)).status, 200);
    }
  });

  test('shows the new deployments on its page when the sizes change', async () => {
    const more = reference.with({ OPEN_FILES: '1024', PROCESSES: '3' });
    await more.compose('up', '--detach', '--wait');
    const page = await more.urlOf(8080);
    const end = new AbortController();
    // Without an open page nothing is sent.
    await fetch(`${page}/api/events`, { signal: end.signal });
    for (;;) {
      const { nginx } = (await (await fetch(`${page}/api/totals`)).json()) as Totals;
      if ((nginx['sync-3x1-3'] ?? 0) > 0) break;
      await delay(100);
    }
    end.abort();
  });

  test('with too few open files is not started, and the variable is named', async () => {
    const few = reference.with({ OPEN_FILES: '639' });
    await assert.rejects(few.compose('run', '--rm', '--no-deps', 'stack'), /OPEN_FILES=640/);
  });

  test('comes up with one profile, and with 0.05 CPUs', async () => {
    await reference.compose('--profile', '*', 'down', '--volumes', '--timeout', '1');
    const alone = reference.with({ COMPOSE_PROFILES: 'async', WORKERS_CPUS: '0.05' });
    await alone.compose('up', '--detach', '--wait');
    // Not a route with the database: to connect may take more CPU time than the workers wait for.
    const { status } = await ask(`${await alone.urlOf(topologyOf('async').port)}/plain`);
    assert.equal(status, 200);
    const services = splitLines(await alone.compose('ps', '--services'));
    assert.deepEqual(services.sort(), ['async', 'dashboard', 'database', 'k6', 'nginx']);
  });
});

async function ask(url: string, dispatcher?: Agent): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await request(url, dispatcher ? { dispatcher } : {});
  return { status: statusCode, body: await body.text() };
}
