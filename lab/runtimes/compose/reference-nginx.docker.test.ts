/** What nginx's container makes of the file that is rendered beside it while it runs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { docker } from './docker.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** For what comes by itself, after a look at least once a second. */
const PATIENCE_MS = 10_000;

describe('nginx of the reference stack', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;
  let started: string;
  let async: string;
  let hybrid: string;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    reference = await ReferenceProject.prepare(root, project, { COMPOSE_PROFILES: 'async,hybrid' });
    await reference.build();
    await reference.compose('up', '--detach', '--wait');
    started = await startOfNginx();
    async = `${await reference.urlOf(topologyOf('async').port)}/plain`;
    hybrid = `${await reference.urlOf(topologyOf('hybrid').port)}/plain`;
  });

  after(() => project.remove());

  test('takes a changed file over by itself', async () => {
    assert.equal((await fetch(async)).status, 200);
    await reference.with({ COMPOSE_PROFILES: 'hybrid' }).compose('up', '--detach', '--no-deps', 'stack');
    await until('nginx answers that async is not there', async () => (await fetch(async)).status === 503);
    assert.match(await (await fetch(async)).text(), /COMPOSE_PROFILES=hybrid,async docker compose -p \S+ up/);
    assert.equal((await fetch(hybrid)).status, 200);
    await reference.compose('up', '--detach', '--wait');
    await until('nginx has async again', async () => (await fetch(async)).status === 200);
    assert.equal(await startOfNginx(), started);
  });

  test('goes on with the one before when a file is broken, says so in its log, and takes the next good one', async () => {
    const takenOver = async () => (await logOfNginx()).split('takes over').length;
    const before = await takenOver();
    const write = 'echo "listen_to everybody;" >/etc/loadline/nginx.conf';
    await reference.compose('run', '--rm', '--no-deps', '-T', 'stack', 'sh', '-c', write);
    const refusal = /\[emerg\].*unknown directive "listen_to"/;
    await until('the log tells what is wrong', async () => refusal.test(await logOfNginx()));
    for (const url of [async, hybrid]) assert.equal((await fetch(url)).status, 200, url);
    assert.equal(await takenOver(), before);
    await reference.compose('run', '--rm', '--no-deps', '-T', 'stack');
    await until('the log tells of the next one', async () => (await takenOver()) === before + 1);
    for (const url of [async, hybrid]) assert.equal((await fetch(url)).status, 200, url);
    assert.equal(await startOfNginx(), started);
  });

  function startOfNginx(): Promise<string> {
    return docker(['inspect', '--format', '{{.State.StartedAt}}', `${project.name}-nginx-1`]);
  }

  function logOfNginx(): Promise<string> {
    return docker(['logs', `${project.name}-nginx-1`], { both: true });
  }
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  while (!(await holds())) assert.ok(performance.now() < limit, `not in time: ${what}`);
}
