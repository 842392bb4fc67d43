/** `docker-compose.yml` whole, as its user has it: what it serves, what goes wrong inside, and its end under load. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StartedDockerComposeEnvironment } from 'testcontainers';
import { deploymentOf } from '../../../model/deployment.ts';
import { controlsOf, type StackPlan } from '../../../model/stack-plan.ts';
import { type TopologyName, topologyNames, topologyOf } from '../../../model/topology.ts';
import type { ProcessCounters } from '../../../model/wire.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { checkContract } from '../../run/reference-service.ts';
import { claimPorts } from '../local/ports.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { docker, linesOf } from './docker.ts';
import { startKeepAsking } from './testdata/keep-asking-container.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const never = new AbortController().signal;

/** Of the topologies that have a choice: one may be killed, and the other is there. */
const PROCESSES = 2;
/** For what comes by itself, after a look at least once a second. */
const PATIENCE_MS = 10_000;
/** Seconds: as long as what is in progress takes, and shorter than nginx would wait for an open page. */
const NGINX_END = 5;

describe('the reference stack', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;
  let environment: StartedDockerComposeEnvironment;

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
  });

  after(() => project.remove());

  const compose = (...args: string[]) => reference.compose(...args);
  const urlAt = (port: number) => `http://127.0.0.1:${environment.getContainer('nginx-1').getMappedPort(port)}`;
  const urlOf = (topology: TopologyName) => urlAt(topologyOf(topology).port);

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
      .flatMap(controlsOf)
      .map(url => `${url}/counters`);
    const curl = ['curl', '--silent', '--show-error', '--fail', '--write-out', '\\n'];
    const answers = linesOf(await compose('exec', '-T', 'nginx', ...curl, ...addresses));
    return answers.map(answer => JSON.parse(answer) as ProcessCounters);
  }

  test('no request is lost while nginx reloads twenty times', async () => {
    await using asking = await startKeepAsking(project, { topologies: ['hybrid'], requests: 20_000, connections: 16 });
    for (let reload = 0; reload < 20; reload++) {
      await compose('exec', '-T', 'nginx', 'nginx', '-c', '/etc/loadline/nginx.conf', '-s', 'reload');
    }
    assert.equal(asking.ended, false, 'the load ended before the last reload');
    const { answered, refused, lost, statuses } = await asking.outcome;
    assert.deepEqual({ answered, refused, lost }, { answered: [20_000], refused: 0, lost: [] });
    assert.deepEqual(statuses, { 200: 10_000, 201: 10_000 });
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
    assert.deepEqual(Object.keys(statuses), ['200', '201']);
    assert.ok(
      answered.every(answers => answers > 100),
      `${answered}`,
    );
    const exits = linesOf(await compose('ps', '--all', '--format', '{{.Service}} {{.ExitCode}}'));
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
