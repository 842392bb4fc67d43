import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import type { TopologyName } from '../../model/topology.ts';
import { ScaleWatch } from './scale-watch.ts';

/** A watch of these topologies on two CPUs, as containers, and what changes their counts. */
function watchOf(...topologies: readonly TopologyName[]) {
  const containers = new Map<string, number>();
  const asked: string[] = [];
  const deployments = topologies.map(topology => ({
    id: topology,
    deployment: deploymentOf(topology, 2),
    target: 'http://nginx:8081',
    nginxPort: 8081,
    controls: [`http://${topology}:10001`],
  }));
  const said: string[] = [];
  const watch = new ScaleWatch(
    { deployments },
    {
      say: line => void said.push(line),
      start: 'docker compose up',
      countAddresses: async host => {
        asked.push(host);
        const count = containers.get(host);
        if (count === undefined) throw new Error(`${host} is not there`);
        return count;
      },
    },
  );
  let changes = 0;
  watch.onChange = () => {
    changes += 1;
  };
  return { watch, containers, asked, said, changes: () => changes };
}

/** The services that are told of, with what is to be typed instead. */
const scaledIn = ({ scaled }: ScaleWatch) => scaled.map(({ service, command }) => [service, command]);

test('a service with several containers is told of, with what gives one container as many processes', async () => {
  const { watch, containers, said, changes } = watchOf('sync', 'threads', 'hybrid');
  containers.set('sync', 1).set('threads', 2).set('hybrid', 3).set('k6', 2);
  await watch.look();
  assert.deepEqual(scaledIn(watch), [
    ['threads', 'docker compose up'],
    ['hybrid', 'PROCESSES=6 docker compose up'],
    ['k6', 'docker compose up'],
  ]);
  assert.match(said[1] ?? '', /^hybrid has 3 containers.*PROCESSES=6 docker compose up$/);
  await watch.look();
  assert.deepEqual([said.length, changes()], [3, 1], 'what is as before is not told again');
  containers.set('hybrid', 2);
  await watch.look();
  assert.deepEqual([said.length, changes()], [4, 2]);
});

test('it is taken back when the service has one container again, or none', async () => {
  const { watch, containers, said, changes } = watchOf('sync', 'hybrid');
  containers.set('sync', 2).set('hybrid', 2);
  await watch.look();
  containers.set('sync', 1).delete('hybrid');
  await watch.look();
  assert.deepEqual([watch.scaled, changes()], [[], 2]);
  assert.deepEqual(
    said.slice(2).map(line => line.split(' ')[0]),
    ['sync', 'hybrid'],
  );
});

test('while one look is under way no other begins', async () => {
  const { watch, asked } = watchOf('sync', 'hybrid');
  await Promise.all([watch.look(), watch.look()]);
  assert.deepEqual(asked, ['sync', 'hybrid', 'dashboard', 'k6']);
});

test('a stack without containers is not looked at', async () => {
  const deployment = deploymentOf('hybrid', 2);
  const local = {
    id: 'hybrid',
    deployment,
    target: 'http://127.0.0.1:9005',
    nginxPort: 9005,
    controls: ['http://127.0.0.1:31000'],
  };
  const watch = new ScaleWatch(
    { deployments: [local] },
    { say: assert.fail, start: 'docker compose up', countAddresses: () => assert.fail('an address has no name') },
  );
  await watch.look();
  assert.deepEqual(watch.scaled, []);
});
