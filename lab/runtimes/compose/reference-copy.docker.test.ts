/** A copy of what `docker compose up` needs, by itself: with folder, rights and line ends as people have them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { topologyOf } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { claimPorts } from '../local/ports.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The folders of the lab that the image is made of. */
const ofLab = Array.from(
  readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(lab\/\w+)$/gm),
  ([, one]) => one,
);
const notCopied = /^(lab|bench|experiments)\//;
const files = git(root, 'ls-files', '-z')
  .split('\0')
  .filter(file => file !== '' && (ofLab.some(folder => file.startsWith(`${folder}/`)) || !notCopied.test(file)));

const ANOTHER_USER = 12_345;

describe('a copy in an empty repository', { skip: withoutDocker() }, () => {
  test('builds, comes up and answers: in a folder with spaces, umlauts and 200 bytes, with CRLF, read-only and of another user', async () => {
    const project = await OwnProject.make(stopWhenInterrupted);
    const before = process.umask(0o077);
    try {
      const checkout = join(project.folder, `mit Leerzeichen und Umlauten äöü ${'x'.repeat(160)}`);
      for (const file of files) copyWithCrlf(join(root, file), join(checkout, file));
      process.umask(before);
      git(checkout, 'init', '--quiet');
      const ports = await claimPorts(1);
      project.keep(ports);
      const reference = await ReferenceProject.prepare(checkout, project, {
        // For the letters in the folder's name.
        COMPOSE_BAKE: 'false',
        COMPOSE_PROFILES: 'hybrid,sync',
        PORT_PAGE: `${ports.ports[0]}`,
      });
      await reference.build();
      await reference.compose('up', '--build', '--detach', '--wait');
      for (const topology of ['hybrid', 'sync'] as const) {
        const answer = await fetch(`${await reference.urlOf(topologyOf(topology).port)}/items/7`);
        assert.equal(answer.status, 200);
        assert.match(answer.headers.get('x-worker') ?? '', new RegExp(`^${topology}-`));
      }
      const page = await fetch(await reference.urlOf(8080));
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<script type="module"[^>]* src="\/assets\//);
      const states = await reference.compose('ps', '--all', '--format', '{{.Service}} {{.State}} {{.Health}}');
      assert.match(states, /^k6 running/m);
    } finally {
      process.umask(before);
      await project.remove();
    }
  });
});

function copyWithCrlf(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const text = readFileSync(from);
  const isText = !text.includes(0);
  writeFileSync(to, isText ? text.toString().replaceAll('\n', '\r\n') : text, { mode: 0o400 });
  if (process.getuid?.() === 0) chownSync(to, ANOTHER_USER, ANOTHER_USER);
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
