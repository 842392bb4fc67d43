import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOwnContainer, ownContainerId } from './own-container.ts';
import { dockerAnswering, dockerRefusing } from './testdata/docker-answers.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

const id = '3a5f83db32746bba1ecb5a705b38d3fd69047e0476dd8e69ee9622ce6b086484';
const inside = (path: string) =>
  path === '/proc/self/mountinfo'
    ? `168 150 254:0 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw\n`
    : undefined;

test('the machine of an engine is none of its containers, though it sees their mounts', () => {
  const mounts = `53 42 0:47 / /var/lib/docker/containers/${id}/mounts/shm rw,nosuid - tmpfs shm rw,size=65536k\n`;
  assert.equal(
    ownContainerId(() => mounts),
    undefined,
  );
  assert.equal(ownContainerId(inside), id);
});

const networks: [mode: string, attached: readonly string[], network: string][] = [
  ['default', ['bridge'], 'bridge'],
  ['gitlab', ['gitlab', 'second'], 'gitlab'],
  ['host', ['host'], 'host'],
  ['none', ['none'], 'none'],
];
for (const [mode, attached, network] of networks) {
  test(`a container with the network mode ${mode} is reached over ${network} (a stand-in for docker)`, () =>
    withPretendedDocker(dockerAnswering({ inspect: inspected(mode, attached) }), async () =>
      assert.deepEqual(await findOwnContainer(undefined, inside), { id, network }),
    ));
}

test('a container in the network of another is reached as that one is (a stand-in for docker)', () => {
  const [own, owner] = [inspected('container:owner', []), inspected('default', ['bridge'])].map(one =>
    JSON.stringify(one),
  );
  return withPretendedDocker(`case "$4" in owner) echo '${owner}';; *) echo '${own}';; esac`, async () =>
    assert.deepEqual(await findOwnContainer(undefined, inside), { id, network: 'bridge' }),
  );
});

test('a container of another engine is none of this one (a stand-in for docker)', () =>
  withPretendedDocker(dockerRefusing('Error: No such container'), async () =>
    assert.equal(await findOwnContainer(undefined, inside), undefined),
  ));

function inspected(mode: string, attached: readonly string[]): object[] {
  const Networks = Object.fromEntries(attached.map(network => [network, { IPAddress: '172.17.0.2' }]));
  return [{ HostConfig: { NetworkMode: mode }, NetworkSettings: { Networks } }];
}
