import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScaleWatch } from './scale-watch.ts';
import { stackWith } from './testdata/stage.ts';

/** A watch of these topologies on two CPUs, and how many containers each service has. */
function startWatch(...topologies: readonly string[]) {
  const containers = new Map<string, number>();
  const asked: string[] = [];
  const said: string[] = [];
  const deployments = stackWith(...topologies).deployments.map(one => ({
    ...one,
    controls: [`http://${one.id}:10001`],
  }));
  const watch = new ScaleWatch(deployments, {
    say: line => void said.push(line),
    start: 'docker compose up',
    countAddresses: async host => {
      asked.push(host);
      return containers.get(host) ?? Promise.reject(new Error(`${host} is not there`));
    },
  });
  let changes = 0;
  watch.onChange = () => {
    changes += 1;
  };
  return { watch, containers, asked, said, changes: () => changes };
}

test('a service with several containers is told once, with what to type instead, until it has one again', async () => {
  const { watch, containers, asked, said, changes } = startWatch('sync', 'threads', 'hybrid');
  containers.set('sync', 1).set('threads', 2).set('hybrid', 3).set('k6', 2);
  await Promise.all([watch.look(), watch.look()]);
  assert.deepEqual(asked, ['sync', 'threads', 'hybrid', 'dashboard', 'k6'], 'one look at a time');
  await watch.look();
  assert.deepEqual(
    watch.scaled.map(({ service, command }) => [service, command]),
    [
      ['threads', 'docker compose up'],
      ['hybrid', 'PROCESSES=6 docker compose up'],
      ['k6', 'docker compose up'],
    ],
  );
  assert.deepEqual([said.length, changes()], [3, 1]);
  containers.set('hybrid', 2);
  await watch.look();
  assert.deepEqual([said.length, changes()], [4, 2]);
  containers.set('threads', 1).set('k6', 1).delete('hybrid');
  await watch.look();
  assert.deepEqual([watch.scaled, said.length, changes()], [[], 7, 3]);
});

test('a stack without containers is not watched', async () => {
  const { deployments } = stackWith('hybrid');
  const local = deployments.map(one => ({ ...one, controls: ['http://127.0.0.1:31000'] }));
  const countAddresses = () => assert.fail('an address has no name');
  const watch = new ScaleWatch(local, { say: assert.fail, start: 'docker compose up', countAddresses });
  await watch.look();
  assert.deepEqual(watch.scaled, []);
});
