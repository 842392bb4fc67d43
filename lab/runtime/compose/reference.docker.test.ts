/** `docker-compose.yml` as its user has it: every topology, what goes wrong inside, and its end under load. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment, Wait } from 'testcontainers';
import { deploymentOf } from '../../../services/deployment.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { type TopologyName, topologyNames, topologyOf } from '../../../services/topologies.ts';
import { checkContract } from '../../trial/contract-check.ts';
import { docker } from './docker.ts';
import { claimSubnet } from './subnets.ts';
import { startKeepAsking } from './testdata/keep-asking-container.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const never = new AbortController().signal;

describe('the reference stack', { skip: withoutDocker() }, () => {
  const project = `loadline-test-${randomUUID().slice(0, 8)}`;
  let variables: Record<string, string>;
  let environment: StartedDockerComposeEnvironment;

  before(async () => {
    const subnet = await claimSubnet(never);
    variables = {
      DATABASE_NETWORK: subnet.prefix,
      // The engine chooses free ones.
      ...Object.fromEntries(
        ['PAGE', ...topologyNames].map(name => [`PORT_${name.toUpperCase().replace('-', '_')}`, '0']),
      ),
    };
    environment = await new DockerComposeEnvironment(root, 'docker-compose.yml')
      .withProjectName(project)
      .withEnvironment(variables)
      .withBuild()
      .withDefaultWaitStrategy(Wait.forHealthCheck())
      .withWaitStrategy('schema-1', Wait.forOneShotStartup())
      .withWaitStrategy('nginx-conf-1', Wait.forOneShotStartup())
      .up();
    await subnet.release();
  });

  after(async () => {
    await compose('--profile', '*', 'down', '--volumes', '--timeout', '1');
  });

  /** `docker compose` for this stack. */
  function compose(...args: string[]): Promise<string> {
    const options = { variables, limit: 60 };
    return docker(['compose', '--project-name', project, '--project-directory', root, ...args], options);
  }

  function urlOf(topology: TopologyName): string {
    return urlAt(topologyOf(topology).port);
  }

  function urlAt(port: number): string {
    return `http://127.0.0.1:${environment.getContainer('nginx-1').getMappedPort(port)}`;
  }

  /** Whose container of the stack, by id. */
  async function idsOf(): Promise<string[]> {
    return (await compose('ps', '--all', '--quiet')).split('\n').filter(Boolean).sort();
  }

  test('every topology keeps the contract through nginx', async () => {
    const endpoints = topologyNames.map(topology => ({
      deployment: deploymentOf(topology, 2),
      url: urlOf(topology),
      workers: 1,
    }));
    assert.deepEqual(await checkContract(endpoints, never), []);
    for (const topology of topologyNames) {
      const { headers } = await fetch(`${urlOf(topology)}/plain`);
      assert.match(headers.get('x-worker') ?? '', new RegExp(`^${topology}-\\d`));
    }
  });

  test('a page lists the topologies', async () => {
    const page = await (await fetch(urlAt(8080))).text();
    for (const topology of topologyNames) assert.ok(page.includes(`<h2>${topology} `), topology);
  });

  test('nothing but nginx is reached from outside, and no container has a privilege or a file to write to', async () => {
    const [...all] = await idsOf();
    const inspected = JSON.parse(await docker(['inspect', ...all])) as Inspected[];
    for (const { Config, HostConfig, NetworkSettings } of inspected) {
      const service = Config.Labels['com.docker.compose.service'] ?? '';
      const published = Object.values(NetworkSettings.Ports).flatMap(bindings => bindings ?? []);
      assert.equal(published.length > 0, service === 'nginx', service);
      assert.ok(
        published.every(({ HostIp }) => HostIp === '127.0.0.1'),
        service,
      );
      assert.deepEqual(HostConfig.CapDrop, ['ALL'], service);
      assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true'], service);
      assert.deepEqual([HostConfig.ReadonlyRootfs, HostConfig.Init], [true, true], service);
      assert.ok(HostConfig.Memory > 0 && HostConfig.PidsLimit > 0, service);
      assert.doesNotMatch(Config.User, /^(root|0|)(:|$)/, service);
      assert.equal(HostConfig.LogConfig.Config['max-size'], '10m', service);
      assert.doesNotMatch(Config.Env.join(), /PASSWORD=/, service);
    }
  });

  test('a worker that is killed is started again, and the others answer meanwhile', async () => {
    const hybrid = environment.getContainer('hybrid-1');
    const killOne =
      'for p in /proc/[0-9]*; do grep -q services/[p]rocess.ts $p/cmdline 2>/dev/null && kill -9 $(basename $p) && exit; done';
    const { exitCode } = await hybrid.exec(['sh', '-c', killOne]);
    assert.equal(exitCode, 0);
    const answerers = new Set<string>();
    const limit = performance.now() + 10_000;
    // The one that was killed answers last.
    while (answerers.size < 2) {
      const { status, headers } = await fetch(`${urlOf('hybrid')}/items/7`);
      assert.equal(status, 200);
      answerers.add(headers.get('x-worker') ?? '');
      assert.ok(performance.now() < limit, `only ${[...answerers]} answered`);
    }
  });

  test('Postgres is restarted, and every topology serves again without a restart of its own', async () => {
    const before = await processIds();
    await compose('restart', 'database');
    const back = performance.now();
    for (const topology of topologyNames) {
      for (;;) {
        const { status } = await fetch(`${urlOf(topology)}/items/7`);
        if (status === 200) break;
        assert.equal(status, 503, topology);
        assert.ok(performance.now() - back < 5_000, `${topology} still answers 503`);
      }
    }
    assert.deepEqual(await processIds(), before);
  });

  /** Of the workers' processes, topology by topology. */
  async function processIds(): Promise<string[]> {
    const script =
      'for p in /proc/[0-9]*; do grep -q services/[p]rocess.ts $p/cmdline 2>/dev/null && basename $p; done';
    const answers = await Promise.all(
      topologyNames.map(topology => environment.getContainer(`${topology}-1`).exec(['sh', '-c', script])),
    );
    return answers.map(({ output }) => output);
  }

  test('a second `up` leaves the same containers and the same rendered file', async () => {
    const containers = await idsOf();
    const rendered = () => compose('exec', '-T', 'nginx', 'stat', '--format', '%Y %s', '/etc/loadline/nginx.conf');
    const file = await rendered();
    await compose('up', '--detach', '--wait');
    assert.deepEqual(await idsOf(), containers);
    assert.equal(await rendered(), file);
  });

  test('nginx takes a changed file over by itself', async () => {
    const startOf = () => docker(['inspect', '--format', '{{.State.StartedAt}}', `${project}-nginx-1`]);
    const started = await startOf();
    const kept = { ...variables };
    variables = { ...variables, COMPOSE_PROFILES: 'hybrid' };
    try {
      await compose('up', '--detach', '--no-deps', 'nginx-conf');
      const limit = performance.now() + 10_000;
      while ((await fetch(`${urlOf('sync')}/plain`)).status !== 503) assert.ok(performance.now() < limit);
      assert.match(await (await fetch(`${urlOf('sync')}/plain`)).text(), /COMPOSE_PROFILES=sync docker compose up/);
    } finally {
      variables = kept;
      await compose('up', '--detach', '--wait');
    }
    assert.equal(await startOf(), started);
    const limit = performance.now() + 10_000;
    while ((await fetch(`${urlOf('sync')}/plain`)).status !== 200) assert.ok(performance.now() < limit);
  });

  test('no request is lost while nginx reloads twenty times', async () => {
    await using asking = await startKeepAsking(project, { topology: 'hybrid', requests: 20_000, connections: 16 });
    for (let reload = 0; reload < 20; reload++) {
      await compose('exec', '-T', 'nginx', 'nginx', '-c', '/etc/loadline/nginx.conf', '-s', 'reload');
    }
    assert.equal(asking.ended, false, 'the load ended before the last reload');
    const { answered, refused, lost, statuses } = await asking.outcome;
    assert.deepEqual({ answered, refused, lost }, { answered: 20_000, refused: 0, lost: [] });
    assert.deepEqual(statuses, { 200: 10_000, 201: 10_000 });
  });

  test('when the stack is stopped under load, everything that was accepted is answered', async () => {
    const clients = topologyNames.map(topology =>
      startKeepAsking(project, { topology, requests: 100_000, connections: 4, gapMs: 20 }),
    );
    const asking = await Promise.all(clients);
    await Promise.all(asking.map(one => one.begun));
    await compose('stop');
    for (const one of asking) {
      const { answered, refused, lost, statuses } = await one.outcome;
      assert.deepEqual({ refused, lost }, { refused: 4, lost: [] });
      assert.ok(answered > 0);
      assert.deepEqual(Object.keys(statuses), ['200', '201']);
      await one[Symbol.asyncDispose]();
    }
    const exits = (await compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}')).trim().split('\n');
    assert.deepEqual(
      exits.filter(line => !line.endsWith(' 0')),
      [],
    );
  });

  test('`down -v` leaves nothing', async () => {
    await compose('--profile', '*', 'down', '--volumes');
    const label = `label=com.docker.compose.project=${project}`;
    for (const kind of [
      ['ps', '--all'],
      ['network', 'ls'],
      ['volume', 'ls'],
    ]) {
      assert.equal(await docker([...kind, '--quiet', '--filter', label]), '', kind[0]);
    }
  });

  for (const topology of topologyNames) {
    test(`${topology} comes up alone and answers`, async () => {
      variables = { ...variables, COMPOSE_PROFILES: topology };
      await compose('up', '--detach', '--wait');
      const address = (await compose('port', 'nginx', String(topologyOf(topology).port))).trim();
      const { status } = await fetch(`http://${address}/items/7`);
      assert.equal(status, 200);
      const services = (await compose('ps', '--services')).trim().split('\n').sort();
      assert.deepEqual(services, ['database', 'nginx', topology].sort());
      await compose('--profile', '*', 'down', '--volumes', '--timeout', '1');
    });
  }
});

interface Inspected {
  readonly Config: { readonly User: string; readonly Env: string[]; readonly Labels: Record<string, string> };
  readonly HostConfig: {
    readonly CapDrop: string[];
    readonly SecurityOpt: string[];
    readonly ReadonlyRootfs: boolean;
    readonly Init: boolean;
    readonly Memory: number;
    readonly PidsLimit: number;
    readonly LogConfig: { readonly Config: Record<string, string> };
  };
  readonly NetworkSettings: { readonly Ports: Record<string, { readonly HostIp: string }[] | null> };
}
