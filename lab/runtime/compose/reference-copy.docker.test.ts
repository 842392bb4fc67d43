/** A copy of what `docker compose up` needs, by itself. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { topologyOf } from '../../../services/topologies.ts';
import { claimPorts } from '../local/ports.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The pure folders of the lab that the page plans with, and that are built into it; the running image holds none of them. */
const planning = /^lab\/(planner|queueing|simulation|analysis|experiment)\//;
const notCopied = /^(lab|bench|experiments)\//;

describe('a copy of the folder into an empty repository, with no more of the lab than the page plans with', {
  skip: withoutDocker(),
}, () => {
  let project: OwnProject;
  let reference: ReferenceProject;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    const copy = join(project.folder, 'copy');
    const files = git(root, 'ls-files', '-z').split('\0').filter(Boolean);
    for (const file of files) {
      if (planning.test(file) || !notCopied.test(file)) cpSync(join(root, file), join(copy, file));
    }
    git(copy, 'init', '--quiet');
    const ports = await claimPorts(1);
    project.keep(ports);
    reference = await ReferenceProject.prepare(copy, project, {
      COMPOSE_PROFILES: 'hybrid',
      PORT_PAGE: `${ports.ports[0]}`,
    });
    await reference.build();
  });

  after(() => project.remove());

  test('builds, comes up and answers', async () => {
    await reference.compose('up', '--build', '--detach', '--wait');
    const answer = await fetch(`${await reference.urlOf(topologyOf('hybrid').port)}/items/7`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('x-worker') ?? '', /^hybrid-/);
    const page = await fetch(await reference.urlOf(8080));
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<script type="module"[^>]* src="\/assets\//);
  });
});

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
