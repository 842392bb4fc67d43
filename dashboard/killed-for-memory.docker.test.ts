/** A worker of `docker compose up` that the kernel kills, as its container reaches its memory limit. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { splitLines } from '../lab/runtimes/compose/docker.ts';
import { killForMemory } from '../lab/runtimes/compose/testdata/kill-for-memory.ts';
import { OwnProject } from '../lab/runtimes/compose/testdata/own-project.ts';
import { ReferenceProject } from '../lab/runtimes/compose/testdata/reference-project.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { withoutDocker } from '../services/testdata/docker-engine.ts';
import { Watcher } from './testdata/watcher.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const LIMIT_MIB = 400;

describe('a worker that is killed for memory', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    const ports = await claimPorts(1);
    project.keep(ports);
    reference = await ReferenceProject.prepare(root, project, {
      COMPOSE_PROFILES: 'hybrid',
      PORT_PAGE: `${ports.ports[0]}`,
      PROCESSES: '2',
      WORKERS_MEMORY: `${LIMIT_MIB}m`,
    });
    await reference.build();
    await reference.compose('up', '--detach', '--wait');
  });

  after(() => project.remove());

  test('is told in the log and on the page, with the limit, and one that was ended is not', async () => {
    await using watcher = await Watcher.listen(await reference.urlOf(8080));
    const id = watcher.idOf('hybrid');
    // Its processes have been looked at.
    await watcher.until(() => watcher.frames.some(({ workers }) => workers?.[id]?.every(({ alive }) => alive)));
    const container = (await reference.compose('ps', '--quiet', 'hybrid')).trim();
    await killForMemory(args => project.docker(args), container);
    const back = () => watcher.marks.filter(({ kind }) => kind === 'worker-back').length;
    await watcher.until(() => back() === 1);
    const [victim, ...others] = watcher.marks.filter(({ kind }) => kind === 'killed-for-memory');
    assert.deepEqual(others, []);
    assert.equal(victim?.worker, watcher.marks.find(({ kind }) => kind === 'worker-ended')?.worker);
    assert.equal(victim?.count, LIMIT_MIB * 2 ** 20);
    const kills = await killsInLog();
    assert.equal(kills.length, 1);
    assert.equal(kills[0]?.memoryLimit, `${LIMIT_MIB} MiB`);
    assert.match(kills[0]?.next ?? '', /WORKERS_MEMORY/);
    assert.equal(`${kills[0]?.name}.1`, victim?.worker);

    await watcher.change('POST /api/end-worker', { id, worker: 'hybrid-1.1' });
    await watcher.until(() => back() === 2);
    assert.equal(watcher.marks.filter(({ kind }) => kind === 'killed-for-memory').length, 1);
    assert.equal((await killsInLog()).length, 1);
  });

  async function killsInLog() {
    const lines = splitLines(await reference.compose('logs', '--no-color', '--no-log-prefix', 'hybrid'));
    return lines
      .filter(line => line.includes('"killed-for-memory"'))
      .map(line => JSON.parse(line) as { readonly name: string; readonly memoryLimit: string; readonly next: string });
  }
});
