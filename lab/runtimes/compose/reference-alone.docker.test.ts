/** Each profile of `docker-compose.yml` by itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { topologyNames, topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { linesOf } from './docker.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the reference stack with one profile', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    reference = await ReferenceProject.prepare(root, project);
    await reference.build();
  });

  after(() => project.remove());

  for (const topology of topologyNames) {
    // Hardly any CPU time makes it slow and nothing worse; one of them is enough to see that.
    const cpus = topology === 'async' ? '0.05' : '0';
    test(`${topology} comes up alone and answers${cpus === '0' ? '' : `, with ${cpus} CPUs`}`, async () => {
      const alone = reference.with({ COMPOSE_PROFILES: topology, WORKERS_CPUS: cpus });
      await alone.compose('up', '--detach', '--wait');
      // To connect to the database takes CPU time too, and may be more than the workers wait for.
      const path = cpus === '0' ? '/items/7' : '/plain';
      const { status } = await fetch(`${await alone.urlOf(topologyOf(topology).port)}${path}`);
      assert.equal(status, 200);
      const services = linesOf(await alone.compose('ps', '--services'));
      assert.deepEqual(services.sort(), ['dashboard', 'database', 'k6', 'nginx', topology].sort());
      await alone.compose('--profile', '*', 'down', '--volumes', '--timeout', '1');
    });
  }
});
