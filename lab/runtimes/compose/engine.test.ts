import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEngine, isThere } from './engine.ts';
import { brokenDockers, dockerAnswering, infoWith } from './testdata/docker-answers.ts';
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
  test(`no engine is found, and "${words}" is named: ${what} (a stand-in for docker)`, () =>
    withPretendedDocker(brokenDockers[what], async () => {
      const engine = await findEngine();
      assert.ok(!isThere(engine));
      assert.ok(engine.missing.includes(words), engine.missing);
      assert.match(engine.advice, /^[A-Z].+\.$/);
    }));
}

test('a remote engine is refused before it is asked anything (a stand-in for docker)', () =>
  withPretendedDocker(brokenDockers['remote engine over ssh'], async calls => {
    await findEngine();
    assert.deepEqual(await calls(), ['context inspect --format {{.Endpoints.docker.Host}}']);
  }));

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
  test(`Compose ${compose} with buildx ${buildx} ${enough ? 'will do' : 'will not do'} (a stand-in for docker)`, () =>
    withPretendedDocker(dockerAnswering({ info: infoWith({ compose, buildx }) }), async () => {
      const engine = await findEngine();
      assert.equal(isThere(engine), enough);
      if (isThere(engine)) assert.equal(engine.composeVersion, compose);
    }));
}
