import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentOf } from './deployment.ts';
import { styleDeployment } from './deployment-style.ts';
import { isConcurrencyLimited, type Topology, topologies, topologyOf } from './topology.ts';

const all = topologies.map(topology => deploymentOf(topology, 2));
const colours = (deployments: readonly Deployment[]) =>
  deployments.map(one => styleDeployment(one, deployments).colour);

test('a topology that ships has its colour whatever it is drawn with', () => {
  const expected = {
    sync: 'light-dark(#d55e00, #f0772b)',
    threads: 'light-dark(#e69f00, #f2b32f)',
    'sync-threads': 'light-dark(#cc79a7, #dd8fba)',
    async: 'light-dark(#56b4e9, #8fd0f7)',
    hybrid: 'light-dark(#0072b2, #2f93d6)',
    'async-express': 'light-dark(#009e73, #22bd90)',
  };
  for (const [name, colour] of Object.entries(expected)) {
    const deployment = deploymentOf(name, 2);
    assert.equal(styleDeployment(deployment, [deployment]).colour, colour);
    assert.equal(
      styleDeployment(deployment, [...all, deployment].toReversed()).mark,
      styleDeployment(deployment, [deployment]).mark,
    );
  }
});

test('no two topologies have the same colour and mark, or the same colour and dash, up to eighteen of them', () => {
  const own = (name: string, concurrencyLimit: Topology['concurrencyLimit']) =>
    deploymentOf({ ...topologyOf('hybrid'), name, concurrencyLimit }, 2);
  const many = [...all];
  for (const limit of [4, 'none'] as const) {
    const shipped = topologies.filter(topology => isConcurrencyLimited(topology) === (limit !== 'none'));
    for (let index = shipped.length; index < 9; index++) many.push(own(`own-${limit}-${index}`, limit));
  }
  const styles = many.map(one => styleDeployment(one, many));
  assert.equal(new Set(styles.map(({ colour, mark }) => `${colour} ${mark}`)).size, many.length);
  assert.equal(new Set(styles.map(({ colour, dash }) => `${colour} ${dash}`)).size, many.length);
});

test('a limited concurrency is warm, and one without a limit cool', () => {
  const own = (concurrencyLimit: Topology['concurrencyLimit']) =>
    deploymentOf({ ...topologyOf('hybrid'), name: 'own', concurrencyLimit }, 2);
  const warm = colours(['sync', 'threads', 'sync-threads'].map(name => deploymentOf(name, 2)));
  assert.ok(warm.includes(styleDeployment(own('threads'), [own('threads')]).colour));
  assert.ok(!warm.includes(styleDeployment(own('none'), [own('none')]).colour));
});

test('sizes of a topology differ in shade and dash, and share their mark', () => {
  const large = deploymentOf('hybrid', 2);
  const sizes = [large, { ...large, databaseConnections: 8 }, { ...large, databaseConnections: 4 }];
  const styles = sizes.map(one => styleDeployment(one, sizes));
  assert.deepEqual(
    styles.map(({ size }) => size),
    [0, 1, 2],
  );
  assert.deepEqual(colours(sizes), [
    'light-dark(#0072b2, #2f93d6)',
    'light-dark(#00446b, #82bee6)',
    'light-dark(#002940, #b4d8f0)',
  ]);
  assert.equal(new Set(styles.map(({ dash }) => `${dash}`)).size, 3);
  assert.equal(new Set(styles.map(({ mark }) => mark)).size, 1);
});
