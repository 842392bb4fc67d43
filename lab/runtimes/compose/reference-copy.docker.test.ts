/** Copies of what `docker compose up` needs, by themselves: in folders, with rights and ends of lines as people have them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
/** The pure folders of the lab that are built into the page, and the probe, which alone the running image holds. */
const planning = /^lab\/(planner|queueing|simulation|analysis|experiment|probe)\//;
const notCopied = /^(lab|bench|experiments)\//;
const files = git(root, 'ls-files', '-z')
  .split('\0')
  .filter(file => file !== '' && (planning.test(file) || !notCopied.test(file)));

const ANOTHER_USER = 12_345;

/** Copies one file. */
type Copy = (from: string, to: string) => void;

const copies: [what: string, folder: string, copy: Copy, umask: number][] = [
  [
    'made under umask 077, in a folder with spaces and umlauts and of 200 bytes',
    `mit Leerzeichen und Umlauten äöü ${'x'.repeat(160)}`,
    (from, to) => {
      copyFileSync(from, to);
      chmodSync(to, 0o600);
    },
    0o077,
  ],
  [
    'with CRLF at the end of every line, read-only, and of another user where the test is root',
    'crlf',
    (from, to) => {
      const text = readFileSync(from);
      const isText = !text.includes(0);
      writeFileSync(to, isText ? text.toString().replaceAll('\n', '\r\n') : text, { mode: 0o444 });
      if (process.getuid?.() === 0) chownSync(to, ANOTHER_USER, ANOTHER_USER);
    },
    0o022,
  ],
];

for (const [what, folder, copy, umask] of copies) {
  describe(`a copy in an empty repository, with no more of the lab than the page plans with, ${what}`, {
    skip: withoutDocker(),
  }, () => {
    test('builds, comes up and answers', async () => {
      const project = await OwnProject.make(stopWhenInterrupted);
      try {
        const checkout = join(project.folder, folder);
        const before = process.umask(umask);
        try {
          for (const file of files) {
            mkdirSync(dirname(join(checkout, file)), { recursive: true });
            copy(join(root, file), join(checkout, file));
          }
        } finally {
          process.umask(before);
        }
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
        await project.remove();
      }
    });
  });
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
