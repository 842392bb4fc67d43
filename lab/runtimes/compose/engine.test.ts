import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEngine, findOwnContainer, isThere, ownContainerId } from './engine.ts';
import { brokenDockers, dockerAnswering, dockerRefusing, infoWith } from './testdata/docker-answers.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

test('without a docker on PATH that is what is missing', async () => {
  const before = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    const engine = await findEngine();
    assert.ok(!isThere(engine));
    assert.match(engine.missing, /command docker/);
  } finally {
    process.env.PATH = before;
  }
});

const named: Record<keyof typeof brokenDockers, string> = {
  'engine absent, and docker info exits 0 with an empty version and 0 CPUs': 'server version',
  'engine absent, and docker info exits 0 with nothing but the reason': 'unix:///var/run/docker.sock',
  'docker info answers something that is not JSON': 'Server Version: 28.5.2',
  'docker info answers half an object': '28.5.2',
  'permission denied on the socket': 'permission denied',
  'Podman under the name docker': 'Podman 4.3.1',
  'Podman under the name docker, which cannot run': 'Podman',
  'docker talks to the socket of Podman': 'Podman 5.4.2',
  'Compose missing': 'Compose plugin',
  'Compose too old': 'Compose 2.21.0',
  'buildx missing, and Compose has no BuildKit of its own': 'buildx plugin',
  'buildx too old for Compose': 'buildx 0.10.5',
  'remote engine over tcp': 'tcp://10.0.0.7:2376',
  'remote engine over ssh': 'ssh://ci@builder.example',
};
for (const [what, words] of Object.entries(named) as [keyof typeof brokenDockers, string][]) {
  test(`no engine is found, and "${words}" is named: ${what}`, () =>
    withPretendedDocker(brokenDockers[what], async calls => {
      const engine = await findEngine();
      assert.ok(!isThere(engine));
      assert.ok(engine.missing.includes(words), engine.missing);
      assert.match(engine.advice, /^[A-Z].+\.$/);
      // A remote engine is not asked anything.
      if (what.startsWith('remote')) assert.equal((await calls()).length, 1);
    }));
}

const versions: [compose: string, buildx: string | null, enough: boolean][] = [
  ['2.22.0', 'v0.11.2', true],
  ['v2.40.3-desktop.1', 'v0.29.1-desktop.1', true],
  ['5.0.1', 'v0.17.0', true],
  ['dev', 'v0.29.1', true],
  ['2.40.0', 'v0.10.5', true],
  ['2.40.3', null, true],
  ['2.21.9', 'v0.29.1', false],
  ['1.29.2', 'v0.29.1', false],
  ['2.40.1', 'v0.16.2', false],
  ['5.0.0', null, false],
  ['5.5.0', 'v0.16.2', false],
];
for (const [compose, buildx, enough] of versions) {
  test(`Compose ${compose} with buildx ${buildx} ${enough ? 'will do' : 'will not do'}`, () =>
    withPretendedDocker(dockerAnswering({ info: infoWith({ compose, buildx }) }), async () => {
      const engine = await findEngine();
      assert.equal(isThere(engine), enough);
      if (isThere(engine)) assert.equal(engine.composeVersion, compose);
    }));
}

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

const [own, owner] = [inspected('container:owner', []), inspected('default', ['bridge'])].map(one =>
  JSON.stringify(one),
);
const networks: [mode: string, docker: string, found: object | undefined][] = [
  ['default', answering('default', ['bridge']), { id, network: 'bridge' }],
  ['gitlab', answering('gitlab', ['gitlab', 'second']), { id, network: 'gitlab' }],
  ['host', answering('host', ['host']), { id, network: 'host' }],
  ['none', answering('none', ['none']), { id, network: 'none' }],
  ['of another container', `case "$4" in owner) echo '${owner}';; *) echo '${own}';; esac`, { id, network: 'bridge' }],
  ['of another engine', dockerRefusing('Error: No such container'), undefined],
];
for (const [mode, docker, found] of networks) {
  test(`the network of this command’s container is found: ${mode}`, () =>
    withPretendedDocker(docker, async () => assert.deepEqual(await findOwnContainer(undefined, inside), found)));
}

function answering(mode: string, attached: readonly string[]): string {
  return dockerAnswering({ inspect: inspected(mode, attached) });
}

function inspected(mode: string, attached: readonly string[]): object[] {
  const Networks = Object.fromEntries(attached.map(network => [network, { IPAddress: '172.17.0.2' }]));
  return [{ HostConfig: { NetworkMode: mode }, NetworkSettings: { Networks } }];
}
