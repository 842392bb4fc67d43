/** `docker-compose.yml` whole, as its user has it: what it serves, what goes wrong inside, and its end under load. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StartedDockerComposeEnvironment } from 'testcontainers';
import type { Totals } from '../../../dashboard/protocol.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { listControls, type StackPlan } from '../../../model/stack-plan.ts';
import { type TopologyName, topologies, topologyNames, topologyOf } from '../../../model/topology.ts';
import type { ProcessCounters } from '../../../model/wire.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { checkContract } from '../../run/reference-service.ts';
import { claimPorts } from '../local/ports.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { docker, splitLines } from './docker.ts';
import { startKeepAsking } from './testdata/keep-asking-container.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const never = new AbortController().signal;

/** Of the topologies that have a choice: one is killed, and the other is there. */
const PROCESSES = 2;
/** For what comes by itself, after a look at least once a second. */
const PATIENCE_MS = 10_000;
/** Until the page's load is there again after something that it needs was replaced. */
const HEALED_MS = 20_000;
const LOOK_EVERY_MS = 100;
/** Seconds: as long as what is in progress takes, and shorter than nginx would wait for an open page. */
const NGINX_END = 5;

describe('the reference stack', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;
  let environment: StartedDockerComposeEnvironment;
  /** Where nginx's ports are published. */
  let nginxPorts: Map<number, number>;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    const ports = await claimPorts(1);
    project.keep(ports);
    reference = await ReferenceProject.prepare(root, project, {
      PORT_PAGE: `${ports.ports[0]}`,
      PROCESSES: `${PROCESSES}`,
    });
    await reference.build();
    environment = await reference.startWhole();
    nginxPorts = await readPorts();
  });

  after(() => project.remove());

  const compose = (...args: string[]) => reference.compose(...args);
  const urlAt = (port: number) => `http://127.0.0.1:${nginxPorts.get(port)}`;
  const urlOf = (topology: TopologyName) => urlAt(topologyOf(topology).port);

  async function readPorts(): Promise<Map<number, number>> {
    const published = await compose('ps', '--format', '{{.Ports}}', 'nginx');
    return new Map(Array.from(published.matchAll(/:(\d+)->(\d+)\/tcp/g), ([, at, port]) => [Number(port), Number(at)]));
  }

  test('its containers are confined, and only nginx is published, to this machine', async () => {
    const inspected = JSON.parse(await docker(['inspect', ...(await reference.ids())])) as Inspected[];
    const containers = new Map(inspected.map(one => [one.Config.Labels['com.docker.compose.service'] ?? '', one]));
    const services = splitLines(await compose('--profile', '*', 'config', '--services'));
    assert.deepEqual([...containers.keys()].sort(), services.sort());
    for (const [service, { Config, HostConfig }] of containers) {
      const published = Object.values(HostConfig.PortBindings ?? {}).flatMap(bindings => bindings ?? []);
      const addresses = new Set(published.map(({ HostIp }) => HostIp));
      assert.deepEqual([...addresses], service === 'nginx' ? ['127.0.0.1'] : [], service);
      assert.deepEqual([HostConfig.CapDrop, HostConfig.CapAdd ?? []], [['ALL'], []], service);
      assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true'], service);
      const { Privileged, ReadonlyRootfs, Init } = HostConfig;
      assert.deepEqual([Privileged, ReadonlyRootfs, Init], [false, true, true], service);
      assert.match(Config.User, /^(?!root\b|0\b)\w+/, service);
      assert.ok(HostConfig.Memory > 0 && HostConfig.PidsLimit > 0, service);
      assert.deepEqual(HostConfig.LogConfig.Config, { 'max-file': '3', 'max-size': '10m' }, service);
      assert.doesNotMatch(Config.Env.join('\n'), /PASSWORD=/, service);
    }
  });

  test('every topology keeps the contract through nginx', async () => {
    const endpoints = topologyNames.map(topology => ({
      deployment: deploymentOf(topology, PROCESSES),
      url: urlOf(topology),
      workers: 1,
    }));
    assert.deepEqual(await checkContract(endpoints, never), []);
    for (const topology of topologyNames) {
      const { headers } = await fetch(`${urlOf(topology)}/plain`);
      assert.match(headers.get('x-worker') ?? '', new RegExp(`^${topology}-\\d`));
    }
  });

  test('the page is there, and a list of the topologies beside it', async () => {
    const page = await fetch(urlAt(8080));
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<script type="module"[^>]* src="\/assets\//);
    const list = await (await fetch(`${urlAt(8080)}/topologies`)).text();
    for (const topology of topologyNames) assert.ok(list.includes(`<h2>${topology} `), topology);
  });

  test('a second `up` leaves the same containers and the same rendered file', async () => {
    const containers = await reference.ids();
    const rendered = () => compose('exec', '-T', 'nginx', 'stat', '--format', '%Y %s', '/etc/loadline/nginx.conf');
    const file = await rendered();
    await compose('up', '--detach', '--wait');
    assert.deepEqual(await reference.ids(), containers);
    assert.equal(await rendered(), file);
  });

  test('a worker that is killed is started again, and the other answers meanwhile', async () => {
    const [victim, other] = await processesOf('hybrid');
    assert.ok(victim && other);
    const { exitCode } = await environment.getContainer('hybrid-1').exec(['sh', '-c', `kill -9 ${victim.pid}`]);
    assert.equal(exitCode, 0);
    const wanted = [victim, other].map(({ workers: [worker] }) => worker?.name);
    const answerers = new Set<string | null>();
    const limit = performance.now() + PATIENCE_MS;
    while (!wanted.every(name => name !== undefined && answerers.has(name))) {
      const { status, headers } = await fetch(`${urlOf('hybrid')}/items/7`);
      assert.equal(status, 200);
      answerers.add(headers.get('x-worker'));
      assert.ok(performance.now() < limit, `only ${[...answerers]} answered, not ${wanted}`);
    }
    const [successor, same] = await processesOf('hybrid');
    assert.ok(successor && successor.pid !== victim.pid, `${successor?.pid} instead of ${victim.pid}`);
    assert.equal(same?.pid, other.pid);
  });

  test('Postgres is restarted, and every topology serves again without a restart of its own', async () => {
    const pids = async () => (await processesOf(...topologyNames)).map(({ pid }) => pid);
    const before = await pids();
    assert.ok(before.length > topologyNames.length && before.every(pid => pid > 0), `${before}`);
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
    assert.deepEqual(await pids(), before);
  });

  /** What every process of these topologies says of itself. */
  async function processesOf(...topologies: TopologyName[]): Promise<ProcessCounters[]> {
    const { deployments } = JSON.parse(
      await compose('exec', '-T', 'nginx', 'cat', '/etc/loadline/stack.json'),
    ) as StackPlan;
    const addresses = deployments
      .filter(({ deployment }) => topologies.includes(deployment.topology))
      .flatMap(listControls)
      .map(url => `${url}/counters`);
    const curl = ['curl', '--silent', '--show-error', '--fail', '--write-out', '\\n'];
    const answers = splitLines(await compose('exec', '-T', 'nginx', ...curl, ...addresses));
    return answers.map(answer => JSON.parse(answer) as ProcessCounters);
  }

  test('nginx takes a changed file over by itself, and keeps the one before when a file is broken', async () => {
    const nginx = `${project.name}-nginx-1`;
    const startOfNginx = () => docker(['inspect', '--format', '{{.State.StartedAt}}', nginx]);
    const logOfNginx = () => docker(['logs', nginx], { both: true });
    const started = await startOfNginx();
    const [async, hybrid] = [`${urlOf('async')}/plain`, `${urlOf('hybrid')}/plain`];
    await reference.with({ COMPOSE_PROFILES: 'hybrid' }).compose('up', '--detach', '--no-deps', 'stack');
    await until('nginx answers that async is not there', async () => (await fetch(async)).status === 503);
    assert.match(await (await fetch(async)).text(), /COMPOSE_PROFILES=hybrid,async docker compose -p \S+ up/);
    assert.equal((await fetch(hybrid)).status, 200);
    await compose('up', '--detach', '--wait');
    await until('nginx has async again', async () => (await fetch(async)).status === 200);

    const countTakeovers = async () => (await logOfNginx()).split('takes over').length;
    const before = await countTakeovers();
    const write = 'echo "listen_to everybody;" >/etc/loadline/nginx.conf';
    await compose('run', '--rm', '--no-deps', '-T', 'stack', 'sh', '-c', write);
    const refusal = /\[emerg\].*unknown directive "listen_to"/;
    await until('the log tells what is wrong', async () => refusal.test(await logOfNginx()));
    for (const url of [async, hybrid]) assert.equal((await fetch(url)).status, 200, url);
    assert.equal(await countTakeovers(), before);
    await compose('run', '--rm', '--no-deps', '-T', 'stack');
    await until('the log tells of the next one', async () => (await countTakeovers()) === before + 1);
    for (const url of [async, hybrid]) assert.equal((await fetch(url)).status, 200, url);
    assert.equal(await startOfNginx(), started);
  });

  describe('with an open page', () => {
    const end = new AbortController();
    const page = () => urlAt(8080);
    let watching: Promise<void>;

    before(() => {
      watching = watch();
    });

    after(async () => {
      end.abort();
      await watching;
    });

    /** It comes back by itself, as browsers do. */
    async function watch(): Promise<void> {
      while (!end.signal.aborted) {
        const stream = await fetch(`${page()}/api/events`, { signal: end.signal }).catch(() => undefined);
        await stream?.text().catch(() => undefined);
        await delay(LOOK_EVERY_MS);
      }
    }

    async function readTotals(): Promise<Totals | undefined> {
      const response = await fetch(`${page()}/api/totals`, { signal: AbortSignal.timeout(2000) }).catch(
        () => undefined,
      );
      return response?.status === 200 ? ((await response.json()) as Totals) : undefined;
    }

    /** Returns when nginx answers more and more of the page's load. */
    async function untilItMoves(): Promise<void> {
      const counts: number[] = [];
      await until('the load moves', async () => {
        const totals = await readTotals();
        const count = totals && Object.values(totals.nginx).reduce((sum, one) => sum + one, 0);
        const last = counts.at(-1) ?? 0;
        // A dashboard that was started again counts from 0.
        if (count !== undefined && count < last) counts.length = 0;
        if (count !== undefined && count > last) counts.push(count);
        await delay(LOOK_EVERY_MS);
        return counts.length >= 4;
      });
    }

    test('k6 sends through nginx, by which alone the page is reached', async () => {
      await untilItMoves();
      const totals = await readTotals();
      for (const counts of [totals?.nginx, totals?.k6]) {
        const names = Object.keys(counts ?? {}).map(id => id.replace(/-\d+x\d+-\d+$/, ''));
        assert.deepEqual(names.sort(), ['hybrid', 'sync']);
      }
      const published = await compose('ps', '--format', '{{.Ports}}', 'nginx');
      const ports = new Set(Array.from(published.matchAll(/->(\d+)\/tcp/g), ([, port]) => Number(port)));
      assert.deepEqual([...ports].sort(), [8080, ...topologies.map(({ port }) => port)].sort());
      for (const path of ['/', '/counters', '/resources', '/livez']) {
        const order = await fetch(`${page()}${path}`, { method: 'POST', body: '{}' });
        assert.ok(order.status >= 400 && order.status < 500, `POST ${path}: ${order.status}`);
      }
      assert.equal((await fetch(`${page()}/counters`)).status, 404);
      assert.equal((await fetch(`${urlOf('hybrid')}/counters`)).status, 404);
    });

    const accidents: [what: string, happen: () => Promise<unknown>][] = [
      ['k6 crashes', crashK6],
      [
        'the dashboard is killed and started',
        async () => {
          for (const command of ['kill', 'start']) await docker([command, `${project.name}-dashboard-1`]);
        },
      ],
      ['nginx’s container is replaced', () => compose('up', '--detach', '--no-deps', '--force-recreate', 'nginx')],
    ];
    for (const [what, happen] of accidents) {
      test(`the load comes back by itself when ${what}`, async () => {
        await happen();
        nginxPorts = await readPorts();
        await untilItMoves();
      });
    }

    /** The engine starts its container again. */
    async function crashK6(): Promise<void> {
      const k6 = `${project.name}-k6-1`;
      const starts = () => docker(['inspect', '--format', '{{.State.StartedAt}}', k6]);
      const first = await starts();
      await docker(['exec', k6, 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
      await until('k6 is started again', async () => (await starts()) !== first);
    }
  });

  test('no request is lost while nginx reloads twenty times', async () => {
    await using asking = await startKeepAsking(project, { topologies: ['hybrid'], requests: 20_000, connections: 16 });
    for (let reload = 0; reload < 20; reload++) {
      await compose('exec', '-T', 'nginx', 'nginx', '-c', '/etc/loadline/nginx.conf', '-s', 'reload');
    }
    assert.equal(asking.ended, false, 'the load ended before the last reload');
    const { answered, refused, lost, statuses } = await asking.outcome;
    assert.deepEqual({ answered, refused, lost }, { answered: [20_000], refused: 0, lost: [] });
    assertServed(statuses);
  });

  test('when the stack is stopped in the middle of a load, everything that was accepted is answered', async () => {
    const connections = 4;
    const endless = { topologies: topologyNames, requests: Number.POSITIVE_INFINITY, connections, gapMs: 5 };
    await using asking = await startKeepAsking(project, endless);
    await asking.hasBeenAnswered(20_000);
    // An open page, which never leaves by itself.
    const events = await fetch(`${urlAt(8080)}/api/events`);
    assert.equal(events.status, 200);
    await compose('stop');
    await events.text().catch(() => undefined);
    const { answered, refused, lost, statuses } = await asking.outcome;
    // Nothing but the end of the stack ends this load: each of its connections.
    assert.deepEqual({ refused, lost }, { refused: connections * topologyNames.length, lost: [] });
    assertServed(statuses);
    assert.ok(
      answered.every(answers => answers > 100),
      `${answered}`,
    );
    const exits = splitLines(await compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}'));
    assert.equal(exits.length, topologyNames.length + 6);
    // k6 says that it was interrupted.
    assert.deepEqual(
      exits.filter(line => !line.endsWith(' 0')),
      ['k6 105'],
    );
    const [dashboard, nginx] = await Promise.all([endOf('dashboard'), endOf('nginx')]);
    assert.ok(nginx >= dashboard && nginx - dashboard < NGINX_END, `nginx took ${nginx - dashboard} s`);
  });

  /** When a container ended, in seconds since 1970. */
  async function endOf(service: string): Promise<number> {
    const finished = await docker(['inspect', '--format', '{{.State.FinishedAt}}', `${project.name}-${service}-1`]);
    return Date.parse(finished.trim()) / 1000;
  }

  test('`down -v` leaves nothing', async () => {
    await compose('--profile', '*', 'down', '--volumes');
    for (const kind of [
      ['ps', '--all'],
      ['network', 'ls'],
      ['volume', 'ls'],
    ]) {
      const left = [...kind, '--quiet', '--filter', `label=com.docker.compose.project=${project.name}`];
      assert.equal(await docker(left), '', kind[0]);
    }
  });
});

/** On a busy machine a worker may take Postgres for away for a moment, and say so. */
function assertServed({ 200: read = 0, 201: stored = 0, 503: away = 0, ...others }: Readonly<Record<string, number>>) {
  assert.deepEqual(others, {});
  assert.ok(read > 0 && stored > 0 && away < 0.01 * (read + stored), `${read} read, ${stored} stored, ${away} refused`);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + HEALED_MS;
  while (!(await holds())) assert.ok(performance.now() < limit, `not in time: ${what}`);
}

interface Inspected {
  readonly Config: { readonly User: string; readonly Env: string[]; readonly Labels: Record<string, string> };
  readonly HostConfig: {
    readonly PortBindings: Record<string, { readonly HostIp: string }[] | null> | null;
    readonly CapAdd: string[] | null;
    readonly CapDrop: string[];
    readonly SecurityOpt: string[];
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly Init: boolean;
    readonly Memory: number;
    readonly PidsLimit: number;
    readonly LogConfig: { readonly Config: Record<string, string> };
  };
}
