/** What Loadline makes of the answers of `docker`, for which a script stands in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LoadlineError } from '../../../model/errors.ts';
import { OrdersDesk } from '../../run/generator.ts';
import { engineApi, readUsages } from './compose-probe.ts';
import { docker } from './docker.ts';
import { removeProject } from './leftovers.ts';
import { ProbeLink } from './probe-link.ts';
import { composedK6 } from './runtime.ts';
import { buildFailure, startFailure } from './stack.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

const never = new AbortController().signal;

const failures: [said: string, code: string][] = [
  ['#7 2.1 E: Failed to fetch http://deb.debian.org/ Could not connect (111: Connection refused)', 'image-failed'],
  ['#9 3.4 npm error connect ECONNREFUSED 127.0.0.1:4873, connection refused', 'image-failed'],
  ['Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?', 'engine-failed'],
  // Docker 29.
  ['failed to connect to the docker API at unix:///run/docker.sock; check if the daemon is running', 'engine-failed'],
  ['permission denied while trying to connect to the Docker daemon socket at unix:///run/docker.sock', 'engine-failed'],
  ['error during connect: Post "http://engine/build": dial tcp: connect: connection refused', 'engine-failed'],
];
for (const [said, code] of failures) {
  test(`a build that fails with "${said.slice(0, 40)}…" is told as ${code}`, () =>
    withPretendedDocker(`echo '${said}' >&2; exit 1`, async () => {
      const failure = await docker(['compose', 'build']).catch((error: unknown) => error);
      const told = buildFailure(failure);
      assert.ok(told instanceof LoadlineError);
      assert.equal(told.code, code);
    }));
}

for (const said of [
  // Docker 20.10, and 28.
  'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
  'all predefined address pools have been fully subnetted',
]) {
  test(`a start without a range of addresses is told as networks-taken: ${said.slice(0, 30)}…`, () =>
    withPretendedDocker(`echo 'failed to create network a: ${said}' >&2; exit 1`, async () => {
      const failure = await docker(['compose', 'up']).catch((error: unknown) => error);
      const told = await startFailure(['compose'], failure);
      assert.ok(told instanceof LoadlineError);
      assert.equal(told.code, 'networks-taken');
    }));
}

test('a docker that takes too long is ended, and told as the engine’s failure', () =>
  withPretendedDocker('exec sleep 60', async () => {
    await assert.rejects(docker(['info'], { limit: 0.1 }), { code: 'engine-failed' });
    const place = { project: 'loadline-0', nginx: 'nginx', image: 'loadline', labels: {} };
    await assert.rejects(ProbeLink.open(place, never, 0.1), { code: 'engine-failed' });
  }));

for (const failing of ['compose', 'inspect']) {
  test(`k6 is removed and its reports are refused when docker ${failing} fails`, () =>
    withPretendedDocker(`[ "$1" != ${failing} ] || { echo no >&2; exit 1; }`, async calls => {
      const desks: unknown[] = [];
      const probe = { ordersAddress: 'http://127.0.0.1:1/', reportTo: (desk: unknown) => void desks.push(desk) };
      const desk = new OrdersDesk(1, { onReport: () => 'go-on' });
      const launch = composedK6(['compose', '--project-name', 'loadline-0'], probe, () => undefined);
      await assert.rejects(launch({ script: 'open.ts', settings: {} }, desk), { code: 'k6-failed' });
      const name = / --name (\S+) /.exec((await calls())[0] ?? '')?.[1];
      assert.ok(name);
      assert.equal((await calls()).at(-1), `rm --force ${name}`);
      assert.deepEqual(desks, [desk, undefined]);
    }));
}

test('a container that comes to be after the first look is removed as long as not all has settled', () =>
  withPretendedDocker(
    'case "$1" in ps) [ ! -e looked ] || [ -e removed ] || echo late; touch looked;; rm) touch removed;; esac',
    async calls => {
      await removeProject('loadline-0', { settled: false });
      assert.ok((await calls()).includes('rm --force --volumes late'));
    },
  ));

test('the names of a project’s own images are removed after its containers', () => {
  const images = ['loadline:loadline-0', 'loadline-k6:loadline-0'];
  return withPretendedDocker(`case "$*" in "image ls"*) printf '%s\\n' ${images.join(' ')};; esac`, async calls => {
    await removeProject('loadline-0');
    assert.equal((await calls()).at(-1), `image rm --force ${images.join(' ')}`);
  });
});

const used = { cpu: 0.060930254, memory: 51_990_528 - 73_728, throttled: 0 };
const answers: [what: string, status: number, answer: string, usage: object][] = [
  ['that has been removed', 404, '{"message":"No such container: 1"}', {}],
  ['that is being removed', 200, '', {}],
  ['that has ended', 200, '{"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}', {}],
  ['under control groups v1', 200, readStats('v1'), { k6: used }],
  [
    'under control groups v2',
    200,
    readStats('v2'),
    { k6: { cpu: 62.103524, memory: 52_006_912 - 2_084_864, throttled: 0 } },
  ],
];
for (const [what, status, answer, usage] of answers) {
  test(`the engine’s answer for a container ${what} is read`, async t => {
    const api = engineApi(await socketAnswering(t, status, answer));
    t.after(() => api.destroy());
    assert.deepEqual(await readUsages(api, { k6: { container: '1', pid: 1 } }), usage);
  });
}

test('an engine of another machine is not asked', () => {
  for (const host of ['tcp://127.0.0.1:2376', 'npipe:////./pipe/docker_engine', 'ssh://user@elsewhere'])
    assert.throws(() => engineApi(host), { code: 'engine-missing' });
});

/** The address of an engine that answers every request like this. */
async function socketAnswering(t: TestContext, status: number, answer: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-engine-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'engine.sock');
  const engine = createServer((_, response) => response.writeHead(status).end(answer)).listen(socket);
  t.after(() => engine.close());
  await once(engine, 'listening');
  return `unix://${socket}`;
}

/** What an engine answered. */
function readStats(version: 'v1' | 'v2'): string {
  return readFileSync(join(import.meta.dirname, 'testdata', `engine-stats-${version}.json`), 'utf8');
}
